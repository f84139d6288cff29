/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_PROCESSES_H
#define DG_TEST_PROCESSES_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* Real programs, real sockets, one directory that goes away. */
#define PROCESS_PATH 256U
#define PROCESS_TEXT 16384U

struct process {
    pid_t pid;
    int out; /* stdout and stderr */
};

/** A fresh directory with a short name. */
void process_place(char dir[PROCESS_PATH]);

/** Remove it with all that is in it. */
void process_clear(const char *dir);

/** "DIR/name". */
const char *process_path(const char *dir, const char *name);

/** Run a program to its end; gives its exit code, or 128 + signal.  @p input
 * goes to its stdin; @p text gets what it wrote. */
int process_run(const char *const *argv,
                const char *input,
                char text[PROCESS_TEXT]);

/** Start a program that writes a ready line to --ready-fd, which is added;
 * NULL when it ended instead.  @p text gets then what it wrote. */
json_t *process_start(const char *const *argv,
                      struct process *process,
                      char text[PROCESS_TEXT]);

/** Wait for its end, at most @p ms; exit code, 128 + signal, or -1. */
int process_wait(struct process *process, int ms, char text[PROCESS_TEXT]);

/** The child of @p parent that runs @p program, 0: none. */
pid_t process_child(pid_t parent, const char *program);

/** Copy a program; not a link: a supervisor looks beside its own file. */
bool process_copy(const char *from, const char *to);

/** Connect to a local socket; -1 on failure. */
int process_connect(const char *path);

/** Send a line, or nothing when NULL; then one line back as JSON, at most
 * @p ms; NULL when none came. */
json_t *process_ask(int fd, const char *line, int ms);

#endif
