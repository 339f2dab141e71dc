#ifndef FINCORE_CLINUX_SHIM_H
#define FINCORE_CLINUX_SHIM_H

// glibc declares these only under _GNU_SOURCE, which Swift's import of the C library does not set.

#include <spawn.h>
#include <sys/socket.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pipe2(int descriptors[2], int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

#endif
