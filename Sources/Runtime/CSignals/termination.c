#define _GNU_SOURCE
#include "termination.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t connection = -1;
static volatile sig_atomic_t is_waiting = 0;
static volatile sig_atomic_t is_requested = 0;
static volatile sig_atomic_t deadline_status = 0;

enum { maximum_last_words = 4096 };
static char last_words[maximum_last_words];
static size_t last_words_length = 0;
static int last_words_descriptor = -1;

static void request_termination(int signal) {
    (void)signal;
    int saved = errno;
    is_requested = 1;
    if (is_waiting && connection >= 0) shutdown(connection, SHUT_RDWR);
    errno = saved;
}

static void exit_now(int signal) {
    (void)signal;
    // Whether anybody takes them changes nothing.
    if (last_words_length > 0 && write(last_words_descriptor, last_words, last_words_length) < 0) {}
    _exit(deadline_status);
}

void fincore_termination_install(void) {
    struct sigaction action = {.sa_handler = request_termination, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void fincore_termination_set_connection(int descriptor) {
    connection = descriptor;
}

void fincore_termination_set_waiting(bool waiting) {
    is_waiting = waiting;
}

bool fincore_termination_is_requested(void) {
    return is_requested != 0;
}

bool fincore_termination_ends_wait(void) {
    return is_requested && is_waiting;
}

void fincore_termination_set_last_words(int descriptor, const void *bytes, uint64_t length) {
    if (length > sizeof last_words) return;
    memcpy(last_words, bytes, (size_t)length);
    last_words_length = (size_t)length;
    last_words_descriptor = descriptor;
}

void fincore_termination_set_deadline(int milliseconds, int status) {
    deadline_status = status;
    struct sigaction action = {.sa_handler = exit_now};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000},
    };
    setitimer(ITIMER_REAL, &timer, NULL);
}
