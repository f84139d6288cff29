/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/pump.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_ 2048U

static void expect(bool is_good, const char *what)
{
    if (!is_good) {
        (void)fprintf(stderr, "bench: pump: %s failed\n", what);
        exit(1);
    }
}

static void read_line(int fd, char line[LINE_MAX_])
{
    size_t used = 0U;

    while (used < (LINE_MAX_ - 1U)) {
        expect(read(fd, &line[used], 1U) == 1, "reading its answer");
        if (line[used] == '\n') {
            line[used] = '\0';
            return;
        }
        used++;
    }
    expect(false, "a line that is too long");
}

static json_t *parse(const char *line)
{
    json_t *answer = json_loads(line, 0, NULL);

    expect(answer != NULL, "its JSON");
    return answer;
}

static void copy_text(const json_t *object, const char *key, char *to, size_t n)
{
    const char *text = json_string_value(json_object_get(object, key));

    expect((text != NULL) && (strlen(text) < n), key);
    memcpy(to, text, strlen(text) + 1U);
}

static void join_bench(struct dg_bench_pump *pump, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    expect(strlen(path) < sizeof address.sun_path, "a short path");
    memcpy(address.sun_path, path, strlen(path) + 1U);
    pump->bench = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect((pump->bench >= 0) && (connect(pump->bench,
                                          (const struct sockaddr *)&address,
                                          sizeof address) == 0),
           "its bench socket");
}

static void run_device(const char *program, const char *folder, int ready)
{
    (void)dup2(ready, STDOUT_FILENO);
    (void)execl(program,
                program,
                "--dir",
                folder,
                "--provision",
                "adult",
                (char *)NULL);
    _exit(127);
}

void dg_bench_pump_start(struct dg_bench_pump *pump, const char *program)
{
    const char *base = getenv("TMPDIR");
    char path[sizeof(struct sockaddr_un)];
    char line[LINE_MAX_];
    int ready[2];

    (void)snprintf(pump->folder,
                   sizeof pump->folder,
                   "%s/dosegate-bench-XXXXXX",
                   (base != NULL) ? base : "/tmp");
    expect((mkdtemp(pump->folder) != NULL) && (pipe(ready) == 0), "a folder");
    pump->pid = fork();
    expect(pump->pid >= 0, "a process");
    if (pump->pid == 0) {
        run_device(program, pump->folder, ready[1]);
    }
    (void)close(ready[1]);
    read_line(ready[0], line);
    (void)close(ready[0]);

    json_t *answer = parse(line);

    copy_text(answer, "link", pump->link, sizeof pump->link);
    copy_text(answer, "bench", path, sizeof path);
    json_decref(answer);
    join_bench(pump, path);
}

static json_t *ask(const struct dg_bench_pump *pump, const char *order)
{
    char line[LINE_MAX_];
    const size_t size = strlen(order);

    expect(write(pump->bench, order, size) == (ssize_t)size, "asking it");
    read_line(pump->bench, line);
    return parse(line);
}

static uint8_t digit_of(char letter)
{
    const char *all = "0123456789abcdef";
    const char *at = strchr(all, letter);

    expect((letter != '\0') && (at != NULL), "its code");
    return (uint8_t)(at - all);
}

size_t dg_bench_pump_code(const struct dg_bench_pump *pump, dg_buf code)
{
    char text[LINE_MAX_];

    json_decref(ask(pump, "{\"op\":\"press\",\"button\":\"pair\"}\n"));

    json_t *answer = ask(pump, "{\"op\":\"display\"}\n");

    copy_text(answer, "code", text, sizeof text);
    json_decref(answer);

    const size_t size = strlen(text) / 2U;

    expect(size <= code.capacity, "a short code");
    for (size_t i = 0U; i < size; i++) {
        code.at[i] = (uint8_t)((digit_of(text[2U * i]) << 4) |
                               digit_of(text[2U * i + 1U]));
    }
    return size;
}

void dg_bench_pump_confirm(const struct dg_bench_pump *pump)
{
    json_decref(ask(pump, "{\"op\":\"press\",\"button\":\"confirm\"}\n"));
}

void dg_bench_pump_end(struct dg_bench_pump *pump)
{
    static const char *const files[] = {
        "flash.bin", "images.bin", "world.bin", "bench.sock"};
    char path[2U * DG_BENCH_PATH_MAX];

    (void)close(pump->bench);
    (void)kill(pump->pid, SIGTERM);
    (void)waitpid(pump->pid, NULL, 0);
    for (size_t i = 0U; i < (sizeof files / sizeof files[0]); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", pump->folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(pump->folder);
}
