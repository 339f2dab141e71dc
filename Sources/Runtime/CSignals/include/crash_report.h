#ifndef FINCORE_CRASH_REPORT_H
#define FINCORE_CRASH_REPORT_H

#include <stdint.h>

// Tells the Runtime API that a handler crashed, from inside the dying process.
//
// A Swift trap, a stray pointer or a stack overflow ends the process with a signal; Lambda would only say that the
// runtime exited. The handlers here use nothing but async-signal-safe calls on memory prepared beforehand. One thread
// reports; others that crash meanwhile wait for the process to end.

/// Installs the handlers for SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE and SIGSEGV.
///
/// They have a stack of their own on the calling thread, the main one, only: a stack overflow elsewhere ends the process
/// without a report.
///
/// `runtime_path` is the path of the API ("/2018-06-01/runtime"), perhaps behind a prefix. A text that does not fit its
/// buffer leaves crashes unreported.
void fincore_crash_report_install(const char *runtime_path, const char *host_header);

/// Where to report: the address of the connection that the client has open. Only IPv4 and IPv6 literals.
void fincore_crash_report_set_peer(const char *address, int port);

/// The function starts: crashes from here on are failures of its initialization.
void fincore_crash_report_begin_start(void);

/// An invocation begins: crashes from here on are reported under this id. One of more than 255 bytes (Lambda's have 36)
/// leaves the crashes of its invocation unreported.
void fincore_crash_report_begin(const char *request_id, uint64_t length);

/// The start or the invocation is over: a crash from here on is nobody's.
void fincore_crash_report_end(void);

#endif
