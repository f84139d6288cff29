/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "eval/jsonl.h"

#define COLUMNS_DEFAULT 80U
#define COLUMNS_MIN     20U
#define COLUMNS_MAX     200U
#define MOVE_MS         500
#define LIFE_MS         30000
#define WIPE            "\r\033[K"

static unsigned columns_of(int terminal)
{
    struct winsize size;

    if ((ioctl(terminal, TIOCGWINSZ, &size) != 0) ||
        (size.ws_col < COLUMNS_MIN)) {
        return COLUMNS_DEFAULT;
    }
    return (size.ws_col > COLUMNS_MAX) ? COLUMNS_MAX : size.ws_col;
}

void dg_progress_begin(struct dg_progress *progress,
                       FILE *to,
                       size_t count,
                       size_t done)
{
    const char *term = getenv("TERM");
    const int terminal = fileno(to);

    *progress = (struct dg_progress){.to = to,
                                     .count = count,
                                     .done = done,
                                     .began_ms = dg_clock_ms(),
                                     .spoke_ms = dg_clock_ms()};
    progress->is_terminal = (terminal >= 0) && (isatty(terminal) == 1) &&
                            (term != NULL) && (strcmp(term, "dumb") != 0);
    progress->columns =
        progress->is_terminal ? columns_of(terminal) : COLUMNS_DEFAULT;
}

static double seconds(long long ms)
{
    return (double)ms / 1000.0;
}

/* Add as much of a text as there is room for. */
static size_t add(char *line, size_t used, size_t room, const char *text)
{
    const size_t left = room - used - 1U;
    const size_t size = (strlen(text) > left) ? left : strlen(text);

    memcpy(line + used, text, size);
    line[used + size] = '\0';
    return used + size;
}

/* "3 of 37, 1 failed, about 40 s left; running replay 2 s, power-cut 1 s" */
static void describe(const struct dg_progress *progress,
                     char *line,
                     size_t room)
{
    const long long now_ms = dg_clock_ms();
    char part[DG_PROGRESS_NAME_MAX + 32U];
    const char *between = "; running ";
    size_t used = 0;

    line[0] = '\0';
    (void)snprintf(
        part, sizeof part, "  %zu of %zu", progress->done, progress->count);
    used = add(line, used, room, part);
    if (progress->failed > 0U) {
        (void)snprintf(part, sizeof part, ", %zu failed", progress->failed);
        used = add(line, used, room, part);
    }
    /* Tests differ; a guess from one or two would be worth nothing. */
    if (progress->fresh > 2U) {
        const size_t left = progress->count - progress->done;

        (void)snprintf(part,
                       sizeof part,
                       ", about %.0f s left",
                       seconds(now_ms - progress->began_ms) * (double)left /
                           (double)progress->fresh);
        used = add(line, used, room, part);
    }
    for (size_t i = 0U; i < DG_PROGRESS_RUNNING_MAX; i++) {
        if (progress->running[i].name[0] != '\0') {
            (void)snprintf(part,
                           sizeof part,
                           "%s%s %.0f s",
                           between,
                           progress->running[i].name,
                           seconds(now_ms - progress->running[i].began_ms));
            used = add(line, used, room, part);
            between = ", ";
        }
    }
}

void dg_progress_start(struct dg_progress *progress, const char *name)
{
    for (size_t i = 0U; i < DG_PROGRESS_RUNNING_MAX; i++) {
        if (progress->running[i].name[0] == '\0') {
            (void)snprintf(progress->running[i].name,
                           sizeof progress->running[i].name,
                           "%s",
                           name);
            progress->running[i].began_ms = dg_clock_ms();
            return;
        }
    }
}

static void forget(struct dg_progress *progress, const char *name)
{
    for (size_t i = 0U; i < DG_PROGRESS_RUNNING_MAX; i++) {
        if (strncmp(progress->running[i].name,
                    name,
                    sizeof progress->running[i].name - 1U) == 0) {
            progress->running[i].name[0] = '\0';
            return;
        }
    }
}

void dg_progress_end(struct dg_progress *progress,
                     const char *name,
                     const char *word,
                     uint64_t elapsed_ms,
                     bool is_failed)
{
    forget(progress, name);
    progress->done++;
    progress->fresh++;
    progress->failed += is_failed ? 1U : 0U;
    progress->spoke_ms = dg_clock_ms();
    (void)fprintf(progress->to,
                  "%s  [%2zu/%zu] %-44s %-13s %5.1f s  (%.1f s elapsed)\n",
                  progress->is_terminal ? WIPE : "",
                  progress->done,
                  progress->count,
                  name,
                  word,
                  (double)elapsed_ms / 1000.0,
                  seconds(progress->spoke_ms - progress->began_ms));
    (void)fflush(progress->to);
    if (progress->is_terminal) {
        progress->spoke_ms = 0; /* the moving line comes back at once */
    }
}

void dg_progress_tick(struct dg_progress *progress)
{
    const long long now_ms = dg_clock_ms();
    char line[COLUMNS_MAX + 64U];

    if ((now_ms - progress->spoke_ms) <
        (progress->is_terminal ? MOVE_MS : LIFE_MS)) {
        return;
    }
    progress->spoke_ms = now_ms;
    if (progress->is_terminal) {
        describe(progress, line, progress->columns);
        (void)fprintf(progress->to, WIPE "%s", line);
    } else {
        describe(progress, line, sizeof line);
        (void)fprintf(progress->to, "%s\n", line);
    }
    (void)fflush(progress->to);
}

void dg_progress_close(struct dg_progress *progress)
{
    if (progress->is_terminal) {
        (void)fputs(WIPE, progress->to);
        (void)fflush(progress->to);
    }
}
