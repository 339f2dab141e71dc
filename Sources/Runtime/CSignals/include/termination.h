#ifndef FINCORE_TERMINATION_H
#define FINCORE_TERMINATION_H

#include <stdbool.h>
#include <stdint.h>

// SIGTERM for a process that sits in one blocking read for most of its life.
//
// The handler notes the wish and, when the process waits for its next invocation, shuts that connection down, so that
// the read returns. It costs nothing per invocation but two stores. An invocation in progress is never cut off.

/// Installs the handler, and lets writes to closed connections fail instead of ending the process (SIGPIPE).
void fincore_termination_install(void);

/// The connection to the Runtime API; -1 for none.
void fincore_termination_set_connection(int descriptor);

/// Whether the process is about to wait (or no longer waits) for its next invocation.
void fincore_termination_set_waiting(bool is_waiting);

/// Whether SIGTERM has come.
bool fincore_termination_is_requested(void);

/// Whether SIGTERM has come and the process is waiting, or about to wait, for its next invocation.
bool fincore_termination_ends_wait(void);

/// What the deadline writes before it ends the process, prepared because nothing can be composed then; what is longer
/// than 4 KiB is not written. Other output may be in the middle of a line at that moment.
void fincore_termination_set_last_words(int descriptor, const void *bytes, uint64_t length);

/// Ends the process with this status after so many milliseconds, whatever it is doing then.
void fincore_termination_set_deadline(int milliseconds, int status);

#endif
