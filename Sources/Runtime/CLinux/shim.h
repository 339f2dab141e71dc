#ifndef FINCORE_CLINUX_SHIM_H
#define FINCORE_CLINUX_SHIM_H

// glibc declares these only under _GNU_SOURCE, which Swift's import of the C library does not set.

#include <spawn.h>
#include <sys/socket.h>

extern char **environ;
static inline char **fincore_environment(void) { return environ; }

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pipe2(int descriptors[2], int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

// A static program has glibc's look-ups in files and in the DNS built in. Every other service that the machine's
// nsswitch.conf names it would load from that machine's C library, and die of it when that is another version
// (docs/decisions/0010-static-linking.md). musl has no such file and no such function.
#if __has_include(<nss.h>)
#include <nss.h>
static inline void fincore_use_built_in_name_services(void) {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
    __nss_configure_lookup("services", "files");
    __nss_configure_lookup("protocols", "files");
}
#else
static inline void fincore_use_built_in_name_services(void) {}
#endif

#endif
