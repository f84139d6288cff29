/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_TALK_H
#define DG_CLI_TALK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* JSON lines over a local socket, from the person's side. */
#define DG_CLI_LINE_MAX 8192U

struct dg_cli_talk {
    int fd; /* -1: closed */
    size_t have;
    char line[DG_CLI_LINE_MAX];
};

/** Connect; complains on stderr (what, and what to do) and gives false. */
bool dg_cli_talk_open(struct dg_cli_talk *talk,
                      const char *path,
                      const char *what_to_do);

/** Send one line; the newline is added. */
bool dg_cli_talk_say(struct dg_cli_talk *talk, const char *text);

/** One whole line as JSON, waiting at most @p ms; NULL: none came, or it was
 * no JSON.  The caller owns it. */
json_t *dg_cli_talk_hear(struct dg_cli_talk *talk, int ms);

/** A line is there already and needs no waiting. */
bool dg_cli_talk_has_line(const struct dg_cli_talk *talk);

/** Say and hear. */
json_t *dg_cli_talk_ask(struct dg_cli_talk *talk, const char *text, int ms);

void dg_cli_talk_close(struct dg_cli_talk *talk);

/** Connect to the domain of @p dir. */
bool dg_cli_gateway(struct dg_cli_talk *talk, const char *dir);

/* Fields; a missing one is 0, "" or NULL. */
long long dg_cli_int(const json_t *object, const char *key);
const char *dg_cli_text(const json_t *object, const char *key);

/** Print "dosegate: <error of the reply>"; a NULL reply means silence. */
void dg_cli_complain(const json_t *reply);

/** Bring the pump a ticket about this phone; complains when that fails. */
bool dg_cli_show_phone(const char *dir);

/** The same, before it is needed: by the service that DIR remembers, or the
 * bench of a virtual pump. */
void dg_cli_show_phone_if_simulated(const char *dir);

#endif
