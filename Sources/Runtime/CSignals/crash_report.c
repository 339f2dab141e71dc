#define _GNU_SOURCE
#include "crash_report.h"

#include <arpa/inet.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    // With the byte that ends it. A request id is a UUID; the Runtime API's own limit is not documented.
    maximum_request_id = 256,
    maximum_path = 512,
    maximum_host = 256,
    maximum_request = 2048,
    // Enough for the handler below, whatever vector registers the kernel saves on it.
    signal_stack_bytes = 64 * 1024,
    // A Runtime API that does not take the report must not keep the process alive.
    io_timeout_seconds = 1,
};

static char runtime_path[maximum_path];
static char host_header[maximum_host];
static char request_id[maximum_request_id];
enum { phase_none, phase_start, phase_invocation };
static volatile sig_atomic_t phase = 0;
// The thread that reports, by the kernel's number; 0 for none.
static long reporter = 0;
static struct sockaddr_storage peer;
static socklen_t peer_length = 0;

// --- Text, without the C library's formatted output, which is not async-signal-safe.

struct text {
    char bytes[maximum_request];
    size_t length;
};

static void append(struct text *text, const char *more) {
    size_t length = strlen(more);
    if (length > sizeof text->bytes - text->length) length = sizeof text->bytes - text->length;
    memcpy(text->bytes + text->length, more, length);
    text->length += length;
}

static void append_number(struct text *text, uint64_t number, unsigned base) {
    char digits[24];
    size_t position = sizeof digits - 1;
    digits[position] = 0;
    do {
        digits[--position] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0 && position > 0);
    append(text, digits + position);
}

static const char *signal_name(int signal) {
    switch (signal) {
    case SIGILL: return "SIGILL";
    case SIGTRAP: return "SIGTRAP";
    case SIGABRT: return "SIGABRT";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGSEGV: return "SIGSEGV";
    default: return "a signal";
    }
}

static const char *meaning(int signal) {
    switch (signal) {
    case SIGILL:
    case SIGTRAP: return "a failed check of the Swift runtime; standard error names it";
    case SIGABRT: return "abort() was called";
    case SIGFPE: return "an arithmetic error";
    default: return "a memory access error, perhaps a stack overflow";
    }
}

static uint64_t instruction_address(const void *context) {
#if defined(__x86_64__)
    return (uint64_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uint64_t)((const ucontext_t *)context)->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

// The executable in memory, from its ELF header to the end of its data (named by the linker).
extern const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));
extern const char _end[] __attribute__((weak, visibility("hidden")));

// The address as tools take it that look into the file (addr2line): the executable lies elsewhere in each process when
// it is position-independent, and where the file says when it is not.
static void append_instruction(struct text *text, uint64_t address) {
    uint64_t start = (uint64_t)(uintptr_t)&__ehdr_start;
    int is_inside = start != 0 && address >= start && address < (uint64_t)(uintptr_t)_end;
    int moves = is_inside && __ehdr_start.e_type == ET_DYN;
    append(text, "0x");
    append_number(text, moves ? address - start : address, 16);
    append(text, is_inside ? " (address in the executable)" : " (outside of the executable)");
}

static void compose_body(struct text *body, int signal, const void *context) {
    append(body, "{\"errorMessage\":\"the process received ");
    append(body, signal_name(signal));
    append(body, phase == phase_start ? " while it started: " : " while it handled the invocation: ");
    append(body, meaning(signal));
    append(body, "\",\"errorType\":\"Function.Crashed\",\"stackTrace\":[\"");
    append_instruction(body, instruction_address(context));
    append(body, "\"]}");
}

static void compose_request(struct text *request, const struct text *body) {
    append(request, "POST ");
    append(request, runtime_path);
    if (phase == phase_start) {
        append(request, "/init");
    } else {
        append(request, "/invocation/");
        append(request, request_id);
    }
    append(request, "/error HTTP/1.1\r\nHost: ");
    append(request, host_header);
    append(request, "\r\nContent-Type: application/json\r\nConnection: close\r\n");
    append(request, "Lambda-Runtime-Function-Error-Type: Function.Crashed\r\nContent-Length: ");
    append_number(request, body->length, 10);
    append(request, "\r\n\r\n");
    size_t space = sizeof request->bytes - request->length;
    size_t length = body->length < space ? body->length : space;
    memcpy(request->bytes + request->length, body->bytes, length);
    request->length += length;
}

// --- The report

static void send_report(const struct text *request) {
    int descriptor = socket(peer.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    struct timeval timeout = {.tv_sec = io_timeout_seconds};
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (connect(descriptor, (const struct sockaddr *)&peer, peer_length) == 0) {
        size_t sent = 0;
        while (sent < request->length) {
            ssize_t count = send(descriptor, request->bytes + sent, request->length - sent, MSG_NOSIGNAL);
            if (count <= 0 && errno != EINTR) break;
            if (count > 0) sent += (size_t)count;
        }
        // The status line is the proof that the report was taken; its content changes nothing.
        char answer[64];
        while (recv(descriptor, answer, sizeof answer, 0) < 0 && errno == EINTR) {}
    }
    close(descriptor);
}

// Whether this thread is the one to report. Another one that crashes meanwhile never returns from here: it would end the
// process in the middle of the report.
static int becomes_reporter(void) {
    long self = syscall(SYS_gettid);
    long nobody = 0;
    if (__atomic_compare_exchange_n(&reporter, &nobody, self, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return 1;
    while (nobody != self) pause();
    // The report itself crashed.
    return 0;
}

static void report_and_die(int signal, siginfo_t *information, void *context) {
    (void)information;
    if (becomes_reporter() && phase != phase_none && peer_length > 0) {
        struct text body = {.length = 0};
        struct text request = {.length = 0};
        compose_body(&body, signal, context);
        compose_request(&request, &body);
        send_report(&request);
    }
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
    // Blocked while its handler runs, so the default action follows when the handler returns.
    raise(signal);
}

static int copy_text(char *destination, size_t capacity, const char *source, size_t length) {
    if (length >= capacity) return 0;
    memcpy(destination, source, length);
    destination[length] = 0;
    return 1;
}

void fincore_crash_report_install(const char *path, const char *host) {
    if (!copy_text(runtime_path, sizeof runtime_path, path, strlen(path))) return;
    if (!copy_text(host_header, sizeof host_header, host, strlen(host))) return;
    // Untouched pages of it cost nothing until a crash.
    void *memory = mmap(NULL, signal_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    // A stack overflow leaves no stack to handle it on.
    stack_t stack = {.ss_sp = memory, .ss_size = signal_stack_bytes};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_sigaction = report_and_die, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
    for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
        sigaction(signals[index], &action, NULL);
    }
}

void fincore_crash_report_set_peer(const char *address, int port) {
    struct sockaddr_in version4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 version6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, address, &version4.sin_addr) == 1) {
        memcpy(&peer, &version4, sizeof version4);
        peer_length = sizeof version4;
    } else if (inet_pton(AF_INET6, address, &version6.sin6_addr) == 1) {
        memcpy(&peer, &version6, sizeof version6);
        peer_length = sizeof version6;
    }
}

void fincore_crash_report_begin(const char *id, uint64_t length) {
    phase = copy_text(request_id, sizeof request_id, id, (size_t)length) ? phase_invocation : phase_none;
}

void fincore_crash_report_begin_start(void) {
    phase = phase_start;
}

void fincore_crash_report_end(void) {
    phase = phase_none;
}
