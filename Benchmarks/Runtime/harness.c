// Measures a Lambda bootstrap: serves the Runtime API on loopback, starts the bootstrap, and times what it does.
//
//   cc -std=c11 -O2 -Wall -Wextra -Werror -o harness harness.c
//   harness --event sqs --count 2500 --warmup 100 -- ./bootstrap
//
// One JSON line on standard output says everything; `harness --help` lists the options. Exit codes: 0 measured,
// 1 the bootstrap failed or answered wrongly (the line says how), 2 wrong call, 3 cannot run.
//
// Harness and bootstrap share one CPU, so that a run repeats: what is timed is the work of both plus two context
// switches, never a race between cores. The harness does the same work for every bootstrap. A latency goes from just
// before the first byte of the answer to `next` is written until the last byte of the bootstrap's `/response` is read.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum exit_code { MEASURED = 0, BOOTSTRAP_FAILED = 1, WRONG_CALL = 2, CANNOT_RUN = 3 };

enum {
    MAXIMUM_CONNECTIONS = 16,
    MAXIMUM_HEAD = 256 * 1024, // generous: the X-Ray cause header of an error report may be long
    MAXIMUM_BODY = 16 * 1024 * 1024, // more than Lambda accepts (6 MiB + 100 B), so that the excess is seen and named
    READ_STEP = 256 * 1024,
    POLL_MILLISECONDS = 50, // how soon the end of a bootstrap that never connected is noticed
    SAMPLE = 240, // how much of a wrong answer is shown
    MAXIMUM_VARIABLES = 128,
    MAXIMUM_EVICTED = 2048, // an interpreter loads hundreds of files
    MAXIMUM_STARTS = 10000,
    MAXIMUM_CHECKPOINTS = 16,
};

// The sizes of the three events were chosen once, so that figures of different days can be compared.
enum { SQS_EVENT_BYTES = 949, KINESIS_RECORDS = 100, KINESIS_EVENT_BYTES = 59815, LARGE_RECORDS = 6600 };

static const char *const function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench";
static const char *const queue_arn = "arn:aws:sqs:us-east-1:123456789012:fincore-jobs";
static const char *const stream_arn = "arn:aws:kinesis:us-east-1:123456789012:stream/fincore-events";

struct options {
    const char *name;
    const char *event_name;
    const char *event_file;
    const char *expected_text; // NULL: the answer must be an empty partial batch response
    const char *log_file;
    const char *variables[MAXIMUM_VARIABLES];
    int variable_count;
    char *evicted[MAXIMUM_EVICTED];
    int evicted_count;
    long count; // measured invocations of each start
    long warmup; // invocations before them
    long starts;
    long time_limit_seconds; // for everything
    long step_limit_milliseconds; // for the start, and for each invocation
    int cpu; // -1: wherever the system likes
    bool stops_at_next; // a start is over when the bootstrap asks for its first event
    char **command;
};

struct event {
    char *bytes;
    size_t length;
};

struct connection {
    int descriptor; // -1: free
    char *input; // the request so far: head, then body
    size_t used, capacity;
    size_t head; // length of the head with its blank line; 0 while it is incomplete
    bool is_chunked;
    size_t body; // length of the body: as announced, or as decoded so far
    size_t scan; // chunked: where the next chunk's size line is expected
    bool waits_for_event;
    char head_out[1024];
    struct iovec output[2];
    int output_first, output_count; // parts not yet written
};

struct checkpoint {
    long after; // invocations
    long kilobytes;
};

// What one start of the bootstrap has shown so far.
struct run {
    pid_t process;
    bool is_reaped;
    int status;
    struct rusage usage;
    uint64_t spawned, first_next, first_response; // monotonic nanoseconds
    uint64_t start_cpu; // CPU time of the process until its first `next`
    uint64_t first_latency, second_latency; // nanoseconds; 0 while there has been no such invocation
    uint64_t step_began;
    long answered;
    bool is_running; // an event was handed out and not yet answered
    char request_id[64];
    uint64_t invocation_began;
    uint64_t measuring_began, measuring_cpu;
    uint64_t measured_time, measured_cpu;
    bool is_done;
    char failure[512];
};

struct results {
    double *first_next, *first_response, *start_cpu; // milliseconds, one for each start
    double *first_latency, *second_latency; // microseconds, of each start's first two invocations
    long starts;
    uint64_t *latencies; // nanoseconds
    long latency_count;
    uint64_t measured_time, measured_cpu;
    long peak_kilobytes, wait4_kilobytes, connections, wrong;
    char wrong_sample[SAMPLE + 1];
    struct checkpoint checkpoints[MAXIMUM_CHECKPOINTS];
    int checkpoint_count;
    long evicted_files, evicted_pages, remaining_pages;
    char failure[512];
};

static struct options options = {
    .name = "bootstrap",
    .event_name = "sqs",
    .count = 1000,
    .warmup = 100,
    .starts = 1,
    .time_limit_seconds = 120,
    .step_limit_milliseconds = 10000,
    .cpu = -2, // the last one allowed: the first one serves most interrupts
};
static struct event event;
static struct results results;
static struct connection connections[MAXIMUM_CONNECTIONS];
static int listener = -1;
static int port;
static uint64_t deadline;
static uint64_t request_number;
static volatile sig_atomic_t is_interrupted;

// ---------------------------------------------------------------------------------------------------- small helpers

__attribute__((format(printf, 2, 3), noreturn)) static void quit(enum exit_code code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("harness: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit((int)code);
}

static void *allocate(void *old, size_t size) {
    void *memory = realloc(old, size);
    if (!memory) quit(CANNOT_RUN, "out of memory");
    return memory;
}

static uint64_t clock_nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t now(void) { return clock_nanoseconds(CLOCK_MONOTONIC); }

// CPU time of all threads of a process since its exec and before; 0 when it is gone.
static uint64_t process_cpu(pid_t process) {
    clockid_t clock;
    return clock_getcpuclockid(process, &clock) == 0 ? clock_nanoseconds(clock) : 0;
}

__attribute__((format(printf, 2, 3))) static void fail(struct run *run, const char *format, ...) {
    if (run->failure[0]) return; // the first reason is the one that counts
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->failure, sizeof run->failure, format, arguments);
    va_end(arguments);
}

// A figure of /proc in kB, such as "VmHWM:"; -1 when it is not there.
static long process_kilobytes(pid_t process, const char *file, const char *field) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, file);
    FILE *stream = fopen(path, "re");
    if (!stream) return -1;
    long kilobytes = -1;
    while (kilobytes < 0 && fgets(line, sizeof line, stream)) {
        if (strncmp(line, field, strlen(field)) == 0) kilobytes = strtol(line + strlen(field), NULL, 10);
    }
    fclose(stream);
    return kilobytes;
}

static void on_signal(int number) {
    (void)number;
    is_interrupted = 1;
}

// ----------------------------------------------------------------------------------------------------------- events

struct text {
    char *bytes;
    size_t length, capacity;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) quit(CANNOT_RUN, "an event cannot be written");
    size_t needed = text->length + (size_t)length + 1;
    if (needed > text->capacity) {
        text->capacity = needed * 2;
        text->bytes = allocate(text->bytes, text->capacity);
    }
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    va_end(again);
    text->length += (size_t)length;
}

// A fixed sequence: the same bytes on every machine and in every run.
static uint64_t next_random(uint64_t *state) {
    *state += 0x9E3779B97F4A7C15u; // splitmix64
    uint64_t value = *state;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static void append_letters(struct text *text, uint64_t *state, long count) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (long index = 0; index < count; index++) append(text, "%c", letters[next_random(state) & 63]);
}

static void append_uuid(struct text *text, uint64_t *state) {
    uint64_t high = next_random(state), low = next_random(state);
    append(text, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xFFFF,
        (unsigned)high & 0xFFF, 0x8000u | ((unsigned)(low >> 48) & 0x3FFF),
        (unsigned long long)(low & 0xFFFFFFFFFFFFu));
}

// One message with a JSON body, escaped as SQS delivers it; `handle` is the length of its receipt handle.
static void append_sqs_record(struct text *text, uint64_t *state, long number, long handle) {
    append(text, "{\"messageId\":\"");
    append_uuid(text, state);
    append(text, "\",\"receiptHandle\":\"AQEB");
    append_letters(text, state, handle);
    append(text, "==\",\"body\":\"{\\\"job\\\":\\\"capture\\\",\\\"charge_id\\\":\\\"chg_%016llx\\\","
                 "\\\"amount\\\":%05llu,\\\"currency\\\":\\\"EUR\\\"}\",",
        (unsigned long long)next_random(state), 10000 + (unsigned long long)(next_random(state) % 90000));
    append(text, "\"attributes\":{\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":\"%lld\","
                 "\"SenderId\":\"AIDAIENQZJOLO23YVJ4VO\",\"ApproximateFirstReceiveTimestamp\":\"%lld\"},",
        1763668800000LL + number, 1763668800002LL + number);
    append(text, "\"messageAttributes\":{},\"md5OfBody\":\"%016llx%016llx\",\"eventSource\":\"aws:sqs\","
                 "\"eventSourceARN\":\"%s\",\"awsRegion\":\"us-east-1\"}",
        (unsigned long long)next_random(state), (unsigned long long)next_random(state), queue_arn);
}

static void append_sqs_event(struct text *text, long records, long handle) {
    uint64_t state = 1;
    append(text, "{\"Records\":[");
    for (long number = 0; number < records; number++) {
        if (number > 0) append(text, ",");
        append_sqs_record(text, &state, number, handle);
    }
    append(text, "]}");
}

// `quanta` groups of four base64 letters are the record's data: three bytes each.
static void append_kinesis_record(struct text *text, uint64_t *state, long number, long quanta) {
    char sequence[64];
    snprintf(sequence, sizeof sequence, "4959033827149025660855969253836157109592%016ld", number);
    append(text, "{\"kinesis\":{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":\"chg_%016llx\","
                 "\"sequenceNumber\":\"%s\",\"data\":\"",
        (unsigned long long)next_random(state), sequence);
    append_letters(text, state, quanta * 4);
    append(text, "\",\"approximateArrivalTimestamp\":%lld.%03d},\"eventSource\":\"aws:kinesis\","
                 "\"eventVersion\":\"1.0\",\"eventID\":\"shardId-000000000006:%s\","
                 "\"eventName\":\"aws:kinesis:record\",\"invokeIdentityArn\":"
                 "\"arn:aws:iam::123456789012:role/fincore\",\"awsRegion\":\"us-east-1\",\"eventSourceARN\":\"%s\"}",
        1763668800LL + number, (int)(next_random(state) % 1000), sequence, stream_arn);
}

static void append_kinesis_event(struct text *text, long records, long quanta) {
    uint64_t state = 2;
    append(text, "{\"Records\":[");
    for (long number = 0; number < records; number++) {
        if (number > 0) append(text, ",");
        append_kinesis_record(text, &state, number, quanta);
    }
    append(text, "]}");
}

// Length of an event made with nothing where the filling goes.
static size_t bare_length(void (*make)(struct text *, long, long), long records) {
    struct text text = {0};
    make(&text, records, 0);
    free(text.bytes);
    return text.length;
}

static struct event make_event(const char *name) {
    struct text text = {0};
    long handle = SQS_EVENT_BYTES - (long)bare_length(append_sqs_event, 1);
    if (strcmp(name, "sqs") == 0) {
        append_sqs_event(&text, 1, handle);
    } else if (strcmp(name, "large") == 0) {
        append_sqs_event(&text, LARGE_RECORDS, handle);
    } else if (strcmp(name, "kinesis") == 0) {
        long filling = KINESIS_EVENT_BYTES - (long)bare_length(append_kinesis_event, KINESIS_RECORDS);
        append_kinesis_event(&text, KINESIS_RECORDS, filling / (4 * KINESIS_RECORDS));
    } else {
        quit(WRONG_CALL, "--event takes sqs, kinesis or large, not \"%s\"", name);
    }
    return (struct event){text.bytes, text.length};
}

static struct event read_event(const char *path) {
    FILE *stream = fopen(path, "re");
    if (!stream) quit(CANNOT_RUN, "cannot read %s: %s", path, strerror(errno));
    struct event read = {0};
    size_t capacity = 0, count;
    do {
        if (capacity - read.length < READ_STEP) {
            capacity = capacity * 2 + READ_STEP;
            read.bytes = allocate(read.bytes, capacity);
        }
        count = fread(read.bytes + read.length, 1, capacity - read.length, stream);
        read.length += count;
    } while (count > 0);
    if (ferror(stream)) quit(CANNOT_RUN, "cannot read %s", path);
    fclose(stream);
    return read;
}

// ------------------------------------------------------------------------------------------------------- page cache

static int evict_file(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)place;
    if (type != FTW_F || status->st_size == 0) return 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0; // it cannot be read by the bootstrap either
    fsync(descriptor); // a page not yet written cannot be dropped
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    size_t page = (size_t)sysconf(_SC_PAGESIZE), length = (size_t)status->st_size;
    size_t pages = (length + page - 1) / page;
    void *mapping = mmap(NULL, length, PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapping == MAP_FAILED) return 0;
    unsigned char *resident = allocate(NULL, pages);
    results.evicted_files++;
    results.evicted_pages += (long)pages;
    if (mincore(mapping, length, resident) == 0) {
        for (size_t index = 0; index < pages; index++) results.remaining_pages += resident[index] & 1;
    }
    free(resident);
    munmap(mapping, length);
    return 0;
}

// Drops the named files from the page cache; the counts are of the last time.
static void evict(void) {
    results.evicted_files = results.evicted_pages = results.remaining_pages = 0;
    for (int index = 0; index < options.evicted_count; index++) {
        if (nftw(options.evicted[index], evict_file, 32, FTW_PHYS) != 0) {
            quit(CANNOT_RUN, "cannot evict %s: %s", options.evicted[index], strerror(errno));
        }
    }
}

// ----------------------------------------------------------------------------------------------- bootstrap's process

static void open_listener(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 16) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        quit(CANNOT_RUN, "cannot listen on 127.0.0.1: %s", strerror(errno));
    }
    port = ntohs(address.sin_port);
}

// What Lambda sets (LD_LIBRARY_PATH left out: it names Amazon Linux's directories), then what the caller adds.
static char **make_environment(void) {
    static char root[PATH_MAX + 32], api[64], name[256];
    snprintf(root, sizeof root, "LAMBDA_TASK_ROOT=%s", options.command[0]);
    char *slash = strrchr(root, '/');
    if (slash && slash > root + strlen("LAMBDA_TASK_ROOT=")) *slash = '\0';
    snprintf(api, sizeof api, "AWS_LAMBDA_RUNTIME_API=127.0.0.1:%d", port);
    snprintf(name, sizeof name, "AWS_LAMBDA_FUNCTION_NAME=%s", options.name);
    char *standard[] = {api, name, root, "_HANDLER=bootstrap", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/bench", "AWS_LAMBDA_LOG_STREAM_NAME=2026/11/20/[$LATEST]bench",
        "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
        "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "LAMBDA_RUNTIME_DIR=/var/runtime",
        "PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin", "LANG=en_US.UTF-8", "TZ=:UTC"};
    int count = (int)(sizeof standard / sizeof *standard);
    static char *environment[MAXIMUM_VARIABLES + 32];
    int used = 0;
    for (int index = 0; index < options.variable_count; index++) environment[used++] = (char *)options.variables[index];
    for (int index = 0; index < count; index++) {
        size_t length = strcspn(standard[index], "=") + 1;
        bool is_overridden = false;
        for (int other = 0; other < options.variable_count; other++) {
            is_overridden |= strncmp(options.variables[other], standard[index], length) == 0;
        }
        if (!is_overridden) environment[used++] = standard[index];
    }
    environment[used] = NULL;
    return environment;
}

static void spawn(struct run *run) {
    char **environment = make_environment();
    const char *log = options.log_file ? options.log_file : "/dev/null";
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, interrupts;
    sigemptyset(&none);
    sigfillset(&interrupts);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &interrupts);
    // A group of its own, so that whatever the bootstrap starts ends with it.
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    run->spawned = run->step_began = now();
    int code = posix_spawn(&run->process, options.command[0], &actions, &attributes, options.command, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) quit(CANNOT_RUN, "cannot start %s: %s", options.command[0], strerror(code));
}

static void notice_end(struct run *run) {
    if (run->is_reaped || wait4(run->process, &run->status, WNOHANG, &run->usage) != run->process) return;
    run->is_reaped = true;
    if (run->is_done) return;
    const char *when = run->first_next ? "during an invocation or between two" : "before its first next";
    if (WIFSIGNALED(run->status)) {
        fail(run, "the bootstrap was ended by signal %d %s", WTERMSIG(run->status), when);
    } else {
        fail(run, "the bootstrap exited with status %d %s", WEXITSTATUS(run->status), when);
    }
}

static void end_process(struct run *run) {
    if (run->is_reaped) {
        kill(-run->process, SIGKILL); // what it left behind
        return;
    }
    kill(-run->process, SIGKILL);
    while (wait4(run->process, &run->status, 0, &run->usage) < 0 && errno == EINTR) continue;
    run->is_reaped = true;
}

// -------------------------------------------------------------------------------------------------- HTTP connections

static void close_connection(struct connection *connection) {
    close(connection->descriptor);
    connection->descriptor = -1;
}

static void accept_connections(struct run *run) {
    int descriptor;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *free_one = NULL;
        for (int index = 0; index < MAXIMUM_CONNECTIONS && !free_one; index++) {
            if (connections[index].descriptor < 0) free_one = &connections[index];
        }
        if (!free_one) {
            close(descriptor);
            fail(run, "the bootstrap opened more than %d connections at once", MAXIMUM_CONNECTIONS);
            return;
        }
        int yes = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        char *input = free_one->input;
        size_t capacity = free_one->capacity;
        *free_one = (struct connection){.descriptor = descriptor, .input = input, .capacity = capacity};
        results.connections++;
    }
}

// Writes what is left to write, as far as the socket takes it.
static void flush_output(struct connection *connection) {
    while (connection->output_count > 0) {
        struct msghdr message = {
            .msg_iov = connection->output + connection->output_first, .msg_iovlen = (size_t)connection->output_count};
        ssize_t written = sendmsg(connection->descriptor, &message, MSG_NOSIGNAL);
        if (written < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
            close_connection(connection);
            return;
        }
        size_t left = (size_t)written;
        while (connection->output_count > 0) {
            struct iovec *part = &connection->output[connection->output_first];
            size_t taken = left < part->iov_len ? left : part->iov_len;
            part->iov_base = (char *)part->iov_base + taken;
            part->iov_len -= taken;
            left -= taken;
            if (part->iov_len > 0) break;
            connection->output_first++;
            connection->output_count--;
        }
    }
}

static void send_output(struct connection *connection, size_t head, const char *body, size_t length) {
    connection->output[0] = (struct iovec){connection->head_out, head};
    connection->output[1] = (struct iovec){(char *)body, length};
    connection->output_first = 0;
    connection->output_count = length > 0 ? 2 : 1;
    flush_output(connection);
}

static void send_answer(struct connection *connection, const char *status, const char *body) {
    int head = snprintf(connection->head_out, sizeof connection->head_out,
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, strlen(body));
    send_output(connection, (size_t)head, body, strlen(body));
}

// The value of a header within a request's head, case aside; NULL when absent. Not terminated: it ends at a CR.
static const char *find_header(const struct connection *connection, const char *name) {
    const char *line = memchr(connection->input, '\n', connection->head);
    const char *end = connection->input + connection->head;
    size_t length = strlen(name);
    while (line && (size_t)(end - ++line) > length) {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1;
            return value + strspn(value, " \t");
        }
        line = memchr(line, '\n', (size_t)(end - line));
    }
    return NULL;
}

// Reads the head once it is there; false when the request is none.
static bool read_head(struct connection *connection) {
    char *end = memmem(connection->input, connection->used, "\r\n\r\n", 4);
    if (!end) return connection->used <= MAXIMUM_HEAD;
    connection->head = (size_t)(end - connection->input) + 4;
    connection->body = 0;
    connection->scan = connection->head;
    const char *encoding = find_header(connection, "Transfer-Encoding");
    connection->is_chunked = encoding && strncasecmp(encoding, "chunked", 7) == 0;
    const char *length = find_header(connection, "Content-Length");
    if (length && !connection->is_chunked) {
        char *rest;
        errno = 0;
        unsigned long value = strtoul(length, &rest, 10);
        if (rest == length || *rest != '\r' || errno != 0 || value > MAXIMUM_BODY) return false;
        connection->body = value;
    }
    const char *expectation = find_header(connection, "Expect");
    if (expectation && strncasecmp(expectation, "100-continue", 12) == 0) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        if (send(connection->descriptor, go_on, sizeof go_on - 1, MSG_NOSIGNAL) != sizeof go_on - 1) return false;
    }
    return true;
}

enum progress { INCOMPLETE, COMPLETE, BROKEN };

// Moves the chunks that have arrived together, right behind the head. `*consumed` is the length of the whole request.
static enum progress read_chunks(struct connection *connection, size_t *consumed) {
    for (;;) {
        char *line = connection->input + connection->scan;
        char *end = memmem(line, connection->used - connection->scan, "\r\n", 2);
        if (!end) return connection->used - connection->scan > MAXIMUM_HEAD ? BROKEN : INCOMPLETE;
        char *rest;
        unsigned long size = strtoul(line, &rest, 16);
        if (rest == line || (*rest != '\r' && *rest != ';') || size > MAXIMUM_BODY - connection->body) return BROKEN;
        size_t data = (size_t)(end - connection->input) + 2;
        if (size == 0) {
            // Trailers, one on each line, until an empty one.
            for (;;) {
                char *trailer = connection->input + data;
                char *trailer_end = memmem(trailer, connection->used - data, "\r\n", 2);
                if (!trailer_end) return connection->used - data > MAXIMUM_HEAD ? BROKEN : INCOMPLETE;
                data = (size_t)(trailer_end - connection->input) + 2;
                if (trailer_end == trailer) break;
            }
            *consumed = data;
            return COMPLETE;
        }
        if (connection->used < data + size + 2) return INCOMPLETE;
        if (memcmp(connection->input + data + size, "\r\n", 2) != 0) return BROKEN;
        memmove(connection->input + connection->head + connection->body, connection->input + data, size);
        connection->body += size;
        connection->scan = data + size + 2;
    }
}

// ------------------------------------------------------------------------------------------------------- Runtime API

static void hand_out_event(struct run *run, struct connection *connection) {
    connection->waits_for_event = false;
    if (!run->is_running) {
        uint64_t number = ++request_number;
        snprintf(run->request_id, sizeof run->request_id, "8476a536-e9f4-11e8-9739-%012llx",
            (unsigned long long)number);
    }
    // Half a minute from now; the whole seconds of the wall clock are precise enough for a deadline.
    int head = snprintf(connection->head_out, sizeof connection->head_out,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: %s\r\n"
        "Lambda-Runtime-Deadline-Ms: %lld\r\nLambda-Runtime-Invoked-Function-Arn: %s\r\n"
        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6e%012llx;Parent=9a9197af755a6419;Sampled=1\r\n"
        "Content-Length: %zu\r\n\r\n",
        run->request_id, ((long long)time(NULL) + 30) * 1000, function_arn, (unsigned long long)request_number,
        event.length);
    // Asked again while it has an event, the bootstrap gets the same one: that is Lambda's rule after a lost answer.
    if (!run->is_running) {
        if (run->answered == options.warmup) {
            run->measuring_cpu = process_cpu(run->process);
            run->measuring_began = now();
        }
        run->is_running = true;
        run->invocation_began = run->step_began = now();
    }
    send_output(connection, (size_t)head, event.bytes, event.length);
}

static void take_next(struct run *run, struct connection *connection) {
    if (run->first_next == 0) {
        run->first_next = now();
        run->start_cpu = process_cpu(run->process);
        if (options.stops_at_next) {
            run->is_done = true;
            return;
        }
    }
    if (run->answered == options.warmup + options.count) {
        connection->waits_for_event = true;
        return;
    }
    hand_out_event(run, connection);
}

// Whether the text is {"batchItemFailures":[]}, with white space where JSON allows it.
static bool is_empty_batch_response(const char *text, size_t length) {
    static const char *const tokens[] = {"{", "\"batchItemFailures\"", ":", "[", "]", "}"};
    const char *end = text + length;
    for (size_t index = 0;; index++) {
        while (text < end && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')) text++;
        if (index == sizeof tokens / sizeof *tokens) return text == end;
        size_t token = strlen(tokens[index]);
        if ((size_t)(end - text) < token || memcmp(text, tokens[index], token) != 0) return false;
        text += token;
    }
}

static bool is_expected(const char *text, size_t length) {
    if (!options.expected_text) return is_empty_batch_response(text, length);
    return memmem(text, length, options.expected_text, strlen(options.expected_text)) != NULL;
}

static void note_wrong(const char *text, size_t length) {
    if (results.wrong++ > 0) return;
    size_t shown = length < SAMPLE ? length : SAMPLE;
    memcpy(results.wrong_sample, text, shown);
    results.wrong_sample[shown] = '\0';
}

static bool is_checkpoint(long answered) {
    long power = 1000;
    while (power < answered) power *= 10;
    return power == answered;
}

// Exact, unlike the figures in /proc/PID/status, which lag by some pages for each CPU.
static long resident_kilobytes(pid_t process) {
    long exact = process_kilobytes(process, "smaps_rollup", "Rss:");
    return exact >= 0 ? exact : process_kilobytes(process, "status", "VmRSS:");
}

static void note_resident(const struct run *run) {
    if (results.checkpoint_count == MAXIMUM_CHECKPOINTS) return;
    results.checkpoints[results.checkpoint_count++] =
        (struct checkpoint){run->answered, resident_kilobytes(run->process)};
}

static void take_response(struct run *run, struct connection *connection, bool is_error) {
    uint64_t received = now();
    const char *body = connection->input + connection->head;
    if (is_error || !is_expected(body, connection->body)) note_wrong(body, connection->body);
    uint64_t latency = received - run->invocation_began;
    if (run->first_response == 0) run->first_response = received;
    if (run->answered == 0) run->first_latency = latency;
    if (run->answered == 1) run->second_latency = latency;
    if (run->answered >= options.warmup) results.latencies[results.latency_count++] = latency;
    run->answered++;
    run->is_running = false;
    run->step_began = received;
    bool is_last = run->answered == options.warmup + options.count;
    if (is_last) {
        run->measured_time = received - run->measuring_began;
        run->measured_cpu = process_cpu(run->process) - run->measuring_cpu;
        run->is_done = true;
    }
    if (options.starts == 1 && (is_last || is_checkpoint(run->answered))) note_resident(run);
    send_answer(connection, "202 Accepted", "{\"status\":\"OK\"}\n");
}

static void answer_request(struct run *run, struct connection *connection) {
    static const char prefix[] = "/2018-06-01/runtime/";
    char line[512];
    size_t length = strcspn(connection->input, "\r");
    if (length >= sizeof line) length = sizeof line - 1;
    memcpy(line, connection->input, length);
    line[length] = '\0';
    char *save, *method = strtok_r(line, " ", &save), *path = strtok_r(NULL, " ", &save);
    if (!method || !path || strncmp(path, prefix, sizeof prefix - 1) != 0) {
        fail(run, "the bootstrap asked for something that is not in the Runtime API: %s %s", method ? method : "",
            path ? path : "");
        return;
    }
    path += sizeof prefix - 1;
    bool is_post = strcmp(method, "POST") == 0;
    if (strcmp(method, "GET") == 0 && strcmp(path, "invocation/next") == 0) {
        take_next(run, connection);
    } else if (is_post && strcmp(path, "init/error") == 0) {
        int shown = (int)(connection->body < SAMPLE ? connection->body : SAMPLE);
        fail(run, "the bootstrap reported that its start failed: %.*s", shown, connection->input + connection->head);
    } else if (is_post && strncmp(path, "invocation/", 11) == 0) {
        char *id = path + 11, *action = strchr(id, '/');
        if (action) *action++ = '\0';
        bool is_error = action && strcmp(action, "error") == 0;
        if (!action || (!is_error && strcmp(action, "response") != 0)) {
            fail(run, "the bootstrap posted to invocation/%s/%s", id, action ? action : "");
        } else if (!run->is_running || strcmp(id, run->request_id) != 0) {
            note_wrong(id, strlen(id));
            send_answer(connection, "400 Bad Request",
                "{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}");
        } else {
            take_response(run, connection, is_error);
        }
    } else {
        fail(run, "the bootstrap asked for %s runtime/%s", method, path);
    }
}

// Answers the complete requests among what has been received.
static void take_requests(struct run *run, struct connection *connection) {
    while (connection->descriptor >= 0 && connection->used > 0 && !run->failure[0] && !run->is_done) {
        if (connection->head == 0 && !read_head(connection)) {
            fail(run, "the bootstrap sent a request that is not HTTP, or too long");
            return;
        }
        if (connection->head == 0) return;
        size_t consumed = connection->head + connection->body;
        enum progress progress = connection->used >= consumed ? COMPLETE : INCOMPLETE;
        if (connection->is_chunked) progress = read_chunks(connection, &consumed);
        if (progress == BROKEN) fail(run, "the bootstrap sent a body with broken or too many chunks");
        if (progress != COMPLETE) return;
        answer_request(run, connection);
        memmove(connection->input, connection->input + consumed, connection->used - consumed);
        connection->used -= consumed;
        connection->head = 0;
    }
}

static void receive(struct run *run, struct connection *connection) {
    if (connection->capacity - connection->used < READ_STEP + 1) {
        connection->capacity = connection->capacity * 2 + READ_STEP + 1;
        connection->input = allocate(connection->input, connection->capacity);
    }
    // One byte stays free: the input always ends in a NUL, so that numbers can be read by the C library.
    ssize_t count = recv(
        connection->descriptor, connection->input + connection->used, connection->capacity - connection->used - 1, 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (count <= 0) {
        close_connection(connection);
        return;
    }
    connection->used += (size_t)count;
    connection->input[connection->used] = '\0';
    take_requests(run, connection);
}

// Waits for something to happen, and handles it.
static void step(struct run *run) {
    struct pollfd descriptors[MAXIMUM_CONNECTIONS + 1];
    struct connection *owners[MAXIMUM_CONNECTIONS + 1];
    nfds_t count = 0;
    owners[count] = NULL;
    descriptors[count++] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (int index = 0; index < MAXIMUM_CONNECTIONS; index++) {
        struct connection *connection = &connections[index];
        if (connection->descriptor < 0) continue;
        short writes = connection->output_count > 0 ? POLLOUT : 0;
        owners[count] = connection;
        descriptors[count++] = (struct pollfd){.fd = connection->descriptor, .events = (short)(POLLIN | writes)};
    }
    int ready = poll(descriptors, count, POLL_MILLISECONDS);
    if (ready <= 0) {
        notice_end(run);
        return;
    }
    bool has_lost_connection = false;
    for (nfds_t index = 1; index < count; index++) {
        struct connection *connection = owners[index];
        if (descriptors[index].revents & POLLOUT) flush_output(connection);
        if (connection->descriptor >= 0 && descriptors[index].revents & (POLLIN | POLLHUP | POLLERR)) {
            receive(run, connection);
        }
        has_lost_connection |= connection->descriptor < 0;
    }
    if (descriptors[0].revents) accept_connections(run);
    if (has_lost_connection) notice_end(run);
}

// ------------------------------------------------------------------------------------------------------ measurement

static void check_time(struct run *run) {
    uint64_t time = now();
    if (is_interrupted) fail(run, "interrupted");
    if (time > deadline) fail(run, "the time limit of %ld s is over", options.time_limit_seconds);
    if (time - run->step_began > (uint64_t)options.step_limit_milliseconds * 1000000u) {
        const char *what = !run->first_next ? "asked for its first event" : run->is_running ? "answered" : "gone on";
        fail(run, "the bootstrap has not %s within %ld ms", what, options.step_limit_milliseconds);
    }
}

static void keep(struct run *run) {
    long index = results.starts++;
    results.first_next[index] = (double)(run->first_next - run->spawned) / 1e6;
    results.start_cpu[index] = (double)run->start_cpu / 1e6;
    results.first_response[index] = run->first_response ? (double)(run->first_response - run->spawned) / 1e6 : 0;
    results.first_latency[index] = (double)run->first_latency / 1e3;
    results.second_latency[index] = (double)run->second_latency / 1e3;
    results.measured_time += run->measured_time;
    results.measured_cpu += run->measured_cpu;
    long peak = process_kilobytes(run->process, "status", "VmHWM:");
    if (peak > results.peak_kilobytes) results.peak_kilobytes = peak;
}

// One start with all its invocations; false when it failed.
static bool measure_start(void) {
    struct run run = {0};
    for (int index = 0; index < MAXIMUM_CONNECTIONS; index++) connections[index].descriptor = -1;
    evict();
    open_listener();
    spawn(&run);
    while (!run.is_done && !run.failure[0]) {
        step(&run);
        check_time(&run);
    }
    if (run.failure[0]) {
        memcpy(results.failure, run.failure, sizeof results.failure);
    } else {
        keep(&run);
    }
    end_process(&run);
    // Of everything since the fork: it includes this program's own pages, which the child has until its exec.
    if (run.usage.ru_maxrss > results.wait4_kilobytes) results.wait4_kilobytes = run.usage.ru_maxrss;
    for (int index = 0; index < MAXIMUM_CONNECTIONS; index++) {
        if (connections[index].descriptor >= 0) close_connection(&connections[index]);
    }
    close(listener);
    return !run.failure[0];
}

static int compare_numbers(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void print_string(const char *key, const char *text) {
    printf("\"%s\":\"", key);
    for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
        if (*byte == '"' || *byte == '\\') {
            printf("\\%c", *byte);
        } else if (*byte < 0x20 || *byte >= 0x7F) {
            printf("\\u%04x", *byte); // each byte for itself: a wrong answer need not be UTF-8
        } else {
            putchar(*byte);
        }
    }
    putchar('"');
}

static void print_list(const char *key, const double *values, long count) {
    printf(",\"%s\":[", key);
    for (long index = 0; index < count; index++) printf("%s%.4f", index > 0 ? "," : "", values[index]);
    putchar(']');
}

static void print_latencies(void) {
    long count = results.latency_count;
    qsort(results.latencies, (size_t)count, sizeof *results.latencies, compare_numbers);
    static const struct {
        const char *name;
        double share;
    } quantiles[] = {{"min", 0}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1}};
    printf(",\"latency_us\":{");
    for (size_t index = 0; index < sizeof quantiles / sizeof *quantiles; index++) {
        long place = (long)(quantiles[index].share * (double)count);
        if (place >= count) place = count - 1;
        printf("%s\"%s\":%.2f", index > 0 ? "," : "", quantiles[index].name,
            (double)results.latencies[place] / 1e3);
    }
    putchar('}');
    printf(",\"cpu_per_invocation_us\":%.2f,\"invocations_per_second\":%.1f",
        (double)results.measured_cpu / 1e3 / (double)count, (double)count * 1e9 / (double)results.measured_time);
}

static void print_results(void) {
    putchar('{');
    print_string("name", options.name);
    putchar(',');
    print_string("event", options.event_file ? options.event_file : options.event_name);
    printf(",\"event_bytes\":%zu,\"cpu\":%d,\"starts\":%ld,\"invocations\":%ld", event.length, options.cpu,
        results.starts, results.latency_count);
    print_list("first_next_ms", results.first_next, results.starts);
    print_list("first_response_ms", results.first_response, options.stops_at_next ? 0 : results.starts);
    print_list("start_cpu_ms", results.start_cpu, results.starts);
    long invocations = options.stops_at_next ? 0 : options.warmup + options.count;
    print_list("first_latency_us", results.first_latency, invocations > 0 ? results.starts : 0);
    print_list("second_latency_us", results.second_latency, invocations > 1 ? results.starts : 0);
    if (results.latency_count > 0 && results.measured_time > 0) print_latencies();
    printf(",\"peak_rss_kb\":%ld,\"wait4_max_rss_kb\":%ld,\"rss_kb\":[", results.peak_kilobytes,
        results.wait4_kilobytes);
    for (int index = 0; index < results.checkpoint_count; index++) {
        printf("%s{\"after\":%ld,\"kb\":%ld}", index > 0 ? "," : "", results.checkpoints[index].after,
            results.checkpoints[index].kilobytes);
    }
    printf("],\"connections\":%ld,\"wrong_responses\":%ld", results.connections, results.wrong);
    if (results.wrong > 0) {
        putchar(',');
        print_string("wrong_sample", results.wrong_sample);
    }
    if (options.evicted_count > 0) {
        printf(",\"evicted\":{\"files\":%ld,\"pages\":%ld,\"remaining_pages\":%ld}", results.evicted_files,
            results.evicted_pages, results.remaining_pages);
    }
    if (results.failure[0]) {
        putchar(',');
        print_string("failure", results.failure);
    }
    puts("}");
}

// --------------------------------------------------------------------------------------------------------- the call

static const char help[] =
    "usage: harness [options] -- BOOTSTRAP [ARGUMENT...]\n"
    "  --event NAME      sqs (1 record, 949 B), kinesis (100 records, 60 kB), large (6600 SQS records, 6 MB)\n"
    "  -e FILE           the event is the content of this file\n"
    "  --count N         measured invocations of each start (1000)\n"
    "  --warmup N        invocations before them (100)\n"
    "  --starts N        how often the bootstrap is started (1)\n"
    "  --stop-at-next    a start is over when the bootstrap asks for its first event\n"
    "  --evict PATH      drop this file, or the files below this directory, from the page cache before each start\n"
    "  --evict-list FILE the same for each line of this file\n"
    "  --expect TEXT     an answer is right when it holds TEXT (otherwise: when it is an empty partial batch response)\n"
    "  --env NAME=VALUE  a variable for the bootstrap, besides or instead of Lambda's own\n"
    "  --name NAME       the name in the result\n"
    "  --cpu N|any       pin this program and the bootstrap to a CPU (the last one allowed)\n"
    "  --log FILE        append what the bootstrap writes (/dev/null)\n"
    "  --time-limit S    for everything, in seconds (120)\n"
    "  --step-limit MS   for the start and for each invocation, in milliseconds (10000)\n";

static long number(const char *option, const char *text, long minimum, long maximum) {
    char *rest;
    errno = 0;
    long value = strtol(text, &rest, 10);
    if (rest == text || *rest || errno || value < minimum || value > maximum) {
        quit(WRONG_CALL, "%s takes a number from %ld to %ld, not \"%s\"", option, minimum, maximum, text);
    }
    return value;
}

static void add_evicted(const char *path) {
    if (options.evicted_count == MAXIMUM_EVICTED) quit(WRONG_CALL, "more than %d files to evict", MAXIMUM_EVICTED);
    char *copy = strdup(path);
    if (!copy) quit(CANNOT_RUN, "out of memory");
    options.evicted[options.evicted_count++] = copy;
}

// Paths in a file: there can be more of them than a command line holds.
static void read_evicted(const char *list) {
    FILE *stream = fopen(list, "re");
    if (!stream) quit(CANNOT_RUN, "cannot read %s: %s", list, strerror(errno));
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, stream)) >= 0) {
        if (length > 0 && line[length - 1] == '\n') line[length - 1] = '\0';
        if (line[0]) add_evicted(line);
    }
    if (ferror(stream)) quit(CANNOT_RUN, "cannot read %s", list);
    free(line);
    fclose(stream);
}

static void take_option(const char *option, const char *value) {
    if (strcmp(option, "--event") == 0) {
        options.event_name = value;
    } else if (strcmp(option, "-e") == 0) {
        options.event_file = value;
    } else if (strcmp(option, "--count") == 0) {
        options.count = number(option, value, 1, 100000000);
    } else if (strcmp(option, "--warmup") == 0) {
        options.warmup = number(option, value, 0, 100000000);
    } else if (strcmp(option, "--starts") == 0) {
        options.starts = number(option, value, 1, MAXIMUM_STARTS);
    } else if (strcmp(option, "--evict") == 0) {
        add_evicted(value);
    } else if (strcmp(option, "--evict-list") == 0) {
        read_evicted(value);
    } else if (strcmp(option, "--expect") == 0) {
        options.expected_text = value;
    } else if (strcmp(option, "--env") == 0) {
        if (!strchr(value, '=')) quit(WRONG_CALL, "--env takes NAME=VALUE, not \"%s\"", value);
        if (options.variable_count == MAXIMUM_VARIABLES) quit(WRONG_CALL, "too many --env");
        options.variables[options.variable_count++] = value;
    } else if (strcmp(option, "--name") == 0) {
        options.name = value;
    } else if (strcmp(option, "--cpu") == 0) {
        options.cpu = strcmp(value, "any") == 0 ? -1 : (int)number(option, value, 0, CPU_SETSIZE - 1);
    } else if (strcmp(option, "--log") == 0) {
        options.log_file = value;
    } else if (strcmp(option, "--time-limit") == 0) {
        options.time_limit_seconds = number(option, value, 1, 86400);
    } else if (strcmp(option, "--step-limit") == 0) {
        options.step_limit_milliseconds = number(option, value, 1, 3600000);
    } else {
        quit(WRONG_CALL, "\"%s\" is not understood; harness --help lists the options", option);
    }
}

static void take_arguments(int count, char **words) {
    int index = 1;
    for (; index < count && strcmp(words[index], "--") != 0; index++) {
        if (strcmp(words[index], "--help") == 0) {
            fputs(help, stdout);
            exit(MEASURED);
        } else if (strcmp(words[index], "--stop-at-next") == 0) {
            options.stops_at_next = true;
        } else {
            if (index + 1 == count) quit(WRONG_CALL, "%s takes a value", words[index]);
            take_option(words[index], words[index + 1]);
            index++;
        }
    }
    if (index + 1 >= count) quit(WRONG_CALL, "the bootstrap is missing: it stands behind --");
    options.command = words + index + 1;
}

static void pin(void) {
    if (options.cpu == -1) return;
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) quit(CANNOT_RUN, "sched_getaffinity: %s", strerror(errno));
    if (options.cpu == -2) {
        options.cpu = CPU_SETSIZE - 1;
        while (options.cpu > 0 && !CPU_ISSET((size_t)options.cpu, &allowed)) options.cpu--;
    }
    CPU_ZERO(&allowed);
    CPU_SET((size_t)options.cpu, &allowed);
    if (sched_setaffinity(0, sizeof allowed, &allowed) != 0) {
        quit(CANNOT_RUN, "cannot pin to CPU %d: %s", options.cpu, strerror(errno));
    }
}

int main(int count, char **words) {
    take_arguments(count, words);
    pin();
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    event = options.event_file ? read_event(options.event_file) : make_event(options.event_name);
    results.first_next = allocate(NULL, (size_t)options.starts * sizeof(double));
    results.first_response = allocate(NULL, (size_t)options.starts * sizeof(double));
    results.start_cpu = allocate(NULL, (size_t)options.starts * sizeof(double));
    results.first_latency = allocate(NULL, (size_t)options.starts * sizeof(double));
    results.second_latency = allocate(NULL, (size_t)options.starts * sizeof(double));
    size_t samples = (size_t)options.starts * (size_t)options.count;
    results.latencies = allocate(NULL, samples * sizeof *results.latencies);
    deadline = now() + (uint64_t)options.time_limit_seconds * 1000000000u;
    for (long start = 0; start < options.starts && measure_start(); start++) continue;
    print_results();
    bool is_good = !results.failure[0] && results.wrong == 0;
    for (int index = 0; index < MAXIMUM_CONNECTIONS; index++) free(connections[index].input);
    free(results.first_next);
    free(results.first_response);
    free(results.start_cpu);
    free(results.first_latency);
    free(results.second_latency);
    for (int index = 0; index < options.evicted_count; index++) free(options.evicted[index]);
    free(results.latencies);
    free(event.bytes);
    return is_good ? MEASURED : BOOTSTRAP_FAILED;
}
