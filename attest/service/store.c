/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/store.h"

#include <stdio.h>
#include <string.h>

#include "attest/service/text.h"

#define HASH_TEXT  ((2U * DG_HASH_SIZE) + 1U)
#define NONCE_TEXT ((2U * DG_ATTEST_NONCE_SIZE) + 1U)

/* A nonce of a pump is good for 15 min; a day is more than any clock is off. */
#define NONCE_KEPT_S 86400
/* The longest window of a rate is an hour. */
#define RATE_KEPT_S 7200

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The %s is the type of a serial. */
static const char *const tables[] = {
    "CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, "
    "at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS rates (bucket TEXT NOT NULL, "
    "span BIGINT NOT NULL, at BIGINT NOT NULL, count BIGINT NOT NULL, "
    "PRIMARY KEY (bucket, span))",
    "CREATE TABLE IF NOT EXISTS tickets (serial %s, at BIGINT NOT NULL, "
    "subject TEXT NOT NULL, nonce TEXT NOT NULL, claims BIGINT NOT NULL, "
    "level BIGINT NOT NULL, policy BIGINT NOT NULL, build TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS pins (subject TEXT PRIMARY KEY, "
    "os_version BIGINT NOT NULL, os_patch BIGINT NOT NULL, "
    "app_version BIGINT NOT NULL, at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS apple_keys (key_id TEXT PRIMARY KEY, "
    "x TEXT NOT NULL, y TEXT NOT NULL, counter BIGINT NOT NULL, "
    "at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS runs (build TEXT NOT NULL, "
    "subject TEXT NOT NULL, passed BIGINT NOT NULL, at BIGINT NOT NULL, "
    "PRIMARY KEY (build, subject))",
    "CREATE TABLE IF NOT EXISTS stops (build TEXT PRIMARY KEY, "
    "at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS runners (subject TEXT PRIMARY KEY, "
    "x TEXT NOT NULL, y TEXT NOT NULL, at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS highest (name TEXT PRIMARY KEY, "
    "version BIGINT NOT NULL)",
};

static enum dg_status run(struct dg_store *store,
                          const char *sql,
                          const struct dg_db_value *value,
                          size_t values,
                          struct dg_db_row *row)
{
    return dg_db_run(&store->db, sql, value, values, row);
}

/* Instances that start together may make the tables together: PostgreSQL then
 * lets one of them fail, so it is tried once more. */
static enum dg_status make_table(struct dg_store *store, const char *form)
{
    char sql[400];
    enum dg_status status = DG_E_PORT;

    /* Exactly one of the forms has a place for it. */
    const char *place = strstr(form, "%s");
    const int before = (place == NULL) ? 0 : (int)(place - form);

    if (place == NULL) {
        (void)snprintf(sql, sizeof(sql), "%s", form);
    } else {
        (void)snprintf(sql,
                       sizeof(sql),
                       "%.*s%s%s",
                       before,
                       form,
                       store->db.kind->serial,
                       place + 2);
    }
    for (unsigned tries = 0; (tries < 3U) && (status != DG_OK); tries++) {
        status = run(store, sql, NULL, 0, NULL);
    }
    return status;
}

enum dg_status dg_store_open(struct dg_store *store, const char *where)
{
    enum dg_status status = dg_db_open(&store->db, where);

    if (status != DG_OK) {
        return status;
    }
    for (size_t i = 0; (i < COUNT_OF(tables)) && (status == DG_OK); i++) {
        status = make_table(store, tables[i]);
    }
    if (status != DG_OK) {
        char why[DG_DB_WHY_MAX];

        memcpy(why, store->db.why, sizeof(why));
        dg_db_close(&store->db);
        memcpy(store->db.why, why, sizeof(why));
    }
    return status;
}

void dg_store_close(struct dg_store *store)
{
    dg_db_close(&store->db);
}

enum dg_status dg_store_ping(struct dg_store *store)
{
    return run(store, "SELECT 1", NULL, 0, NULL);
}

enum dg_status dg_store_count(struct dg_store *store,
                              const char *bucket,
                              int64_t now_s,
                              int64_t window_s,
                              int64_t *count)
{
    const struct dg_db_value values[] = {
        DG_DB_TEXT(bucket), DG_DB_INT(now_s / window_s), DG_DB_INT(now_s)};
    struct dg_db_row row;
    const enum dg_status status =
        run(store,
            "INSERT INTO rates (bucket, span, at, count) VALUES ($1, $2, $3, "
            "1) ON CONFLICT (bucket, span) DO UPDATE SET count = rates.count "
            "+ 1 RETURNING count",
            values,
            COUNT_OF(values),
            &row);

    if (status != DG_OK) {
        return status;
    }
    if (row.rows != 1U) {
        return DG_E_PORT;
    }
    *count = row.number[0];
    return DG_OK;
}

static enum dg_status spend(struct dg_store *store,
                            const char *nonce,
                            int64_t now_s)
{
    const struct dg_db_value values[] = {DG_DB_TEXT(nonce), DG_DB_INT(now_s)};
    struct dg_db_row row;
    const enum dg_status status =
        run(store,
            "INSERT INTO nonces (nonce, at) VALUES ($1, $2) ON CONFLICT DO "
            "NOTHING RETURNING at",
            values,
            COUNT_OF(values),
            &row);

    if (status != DG_OK) {
        return status;
    }
    return (row.rows == 1U) ? DG_OK : DG_E_REPLAY;
}

static enum dg_status number_ticket(struct dg_store *store,
                                    const struct dg_store_ticket *ticket,
                                    const char *nonce,
                                    int64_t now_s,
                                    uint32_t *serial)
{
    char subject[HASH_TEXT];
    struct dg_db_row row;

    dg_text_put_hex(DG_SPAN_OF(ticket->subject.byte), subject);

    const struct dg_db_value values[] = {DG_DB_INT(now_s),
                                         DG_DB_TEXT(subject),
                                         DG_DB_TEXT(nonce),
                                         DG_DB_INT(ticket->claims),
                                         DG_DB_INT((int64_t)ticket->level),
                                         DG_DB_INT(ticket->policy),
                                         DG_DB_TEXT(ticket->build)};
    const enum dg_status status =
        run(store,
            "INSERT INTO tickets (at, subject, nonce, claims, level, policy, "
            "build) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING serial",
            values,
            COUNT_OF(values),
            &row);

    if ((status != DG_OK) || (row.rows != 1U)) {
        return DG_E_PORT;
    }
    if ((row.number[0] < 1) || (row.number[0] > (int64_t)UINT32_MAX)) {
        return DG_E_STATE;
    }
    *serial = (uint32_t)row.number[0];
    return DG_OK;
}

/* @satisfies{FDP_ATTEST.2@1} */
enum dg_status dg_store_ticket(struct dg_store *store,
                               const struct dg_store_ticket *ticket,
                               int64_t now_s,
                               uint32_t *serial)
{
    char nonce[NONCE_TEXT];
    uint32_t number = 0;

    dg_text_put_hex(DG_SPAN_OF(ticket->nonce.byte), nonce);

    enum dg_status status = run(store, "BEGIN", NULL, 0, NULL);

    if (status != DG_OK) {
        return status;
    }
    status = spend(store, nonce, now_s);
    if (status == DG_OK) {
        status = number_ticket(store, ticket, nonce, now_s, &number);
    }
    if (status == DG_OK) {
        status = run(store, "COMMIT", NULL, 0, NULL);
    }
    if (status != DG_OK) {
        const enum dg_status undone = run(store, "ROLLBACK", NULL, 0, NULL);

        /* A connection that is lost undoes by itself. */
        (void)undone;
        return status;
    }
    *serial = number;
    return DG_OK;
}

/* One statement, so that two requests of one phone cannot pass each other: the
 * row changes only where nothing falls. */
/* @satisfies{FDP_ATTEST.4@1} */
enum dg_status dg_store_pin(struct dg_store *store,
                            const struct dg_hash *subject,
                            uint32_t os_version,
                            uint32_t os_patch,
                            uint64_t app_version,
                            int64_t now_s)
{
    char text[HASH_TEXT];
    struct dg_db_row row;

    dg_text_put_hex(DG_SPAN_OF(subject->byte), text);

    const struct dg_db_value values[] = {
        DG_DB_TEXT(text),
        DG_DB_INT(os_version),
        DG_DB_INT(os_patch),
        DG_DB_INT((app_version > INT64_MAX) ? INT64_MAX : (int64_t)app_version),
        DG_DB_INT(now_s)};
    const enum dg_status status =
        run(store,
            "INSERT INTO pins (subject, os_version, os_patch, app_version, at) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subject) DO UPDATE SET "
            "os_version = excluded.os_version, os_patch = excluded.os_patch, "
            "app_version = excluded.app_version, at = excluded.at "
            "WHERE excluded.os_version >= pins.os_version AND "
            "excluded.os_patch >= pins.os_patch AND "
            "excluded.app_version >= pins.app_version RETURNING at",
            values,
            COUNT_OF(values),
            &row);

    if (status != DG_OK) {
        return status;
    }
    return (row.rows == 1U) ? DG_OK : DG_E_REPLAY;
}

/* keys --------------------------------------------------------------------- */

struct key_text {
    char id[HASH_TEXT];
    char x[HASH_TEXT];
    char y[HASH_TEXT];
};

static void put_key(const struct dg_hash *id,
                    const struct dg_public_key *key,
                    struct key_text *text)
{
    dg_text_put_hex(DG_SPAN_OF(id->byte), text->id);
    dg_text_put_hex(DG_SPAN_OF(key->x), text->x);
    dg_text_put_hex(DG_SPAN_OF(key->y), text->y);
}

enum dg_status dg_store_apple_keep(struct dg_store *store,
                                   const struct dg_hash *key_id,
                                   const struct dg_public_key *key,
                                   int64_t now_s)
{
    struct key_text text;

    put_key(key_id, key, &text);

    const struct dg_db_value values[] = {DG_DB_TEXT(text.id),
                                         DG_DB_TEXT(text.x),
                                         DG_DB_TEXT(text.y),
                                         DG_DB_INT(now_s)};

    return run(store,
               "INSERT INTO apple_keys (key_id, x, y, counter, at) VALUES "
               "($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING",
               values,
               COUNT_OF(values),
               NULL);
}

enum dg_status dg_store_apple_find(struct dg_store *store,
                                   const struct dg_hash *key_id,
                                   struct dg_store_apple_key *found)
{
    char id[HASH_TEXT];
    struct dg_db_row row;

    dg_text_put_hex(DG_SPAN_OF(key_id->byte), id);

    const struct dg_db_value values[] = {DG_DB_TEXT(id)};
    const enum dg_status status =
        run(store,
            "SELECT x, y, counter FROM apple_keys WHERE key_id = $1",
            values,
            COUNT_OF(values),
            &row);

    if (status != DG_OK) {
        return status;
    }
    if (row.rows != 1U) {
        return DG_E_STATE;
    }
    found->counter = (uint32_t)row.number[2];
    return (dg_text_get_hex(row.text[0], DG_BUF_OF(found->key.x)) &&
            dg_text_get_hex(row.text[1], DG_BUF_OF(found->key.y)))
               ? DG_OK
               : DG_E_PORT;
}

/* @satisfies{FDP_ATTEST.2@1} */
enum dg_status dg_store_apple_count(struct dg_store *store,
                                    const struct dg_hash *key_id,
                                    uint32_t counter)
{
    char id[HASH_TEXT];
    struct dg_db_row row;

    dg_text_put_hex(DG_SPAN_OF(key_id->byte), id);

    const struct dg_db_value values[] = {DG_DB_TEXT(id), DG_DB_INT(counter)};
    const enum dg_status status =
        run(store,
            "UPDATE apple_keys SET counter = $2 WHERE key_id = $1 AND "
            "counter < $2 RETURNING counter",
            values,
            COUNT_OF(values),
            &row);

    if (status != DG_OK) {
        return status;
    }
    return (row.rows == 1U) ? DG_OK : DG_E_REPLAY;
}

enum dg_status dg_store_runner(struct dg_store *store,
                               const struct dg_hash *subject,
                               const struct dg_public_key *key,
                               int64_t now_s)
{
    struct key_text text;
    struct dg_db_row row;

    put_key(subject, key, &text);

    const struct dg_db_value values[] = {DG_DB_TEXT(text.id),
                                         DG_DB_TEXT(text.x),
                                         DG_DB_TEXT(text.y),
                                         DG_DB_INT(now_s)};
    enum dg_status status =
        run(store,
            "INSERT INTO runners (subject, x, y, at) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT DO NOTHING",
            values,
            COUNT_OF(values),
            NULL);

    if (status == DG_OK) {
        status = run(store,
                     "SELECT 1 FROM runners WHERE subject = $1 AND x = $2 AND "
                     "y = $3",
                     values,
                     3U,
                     &row);
    }
    if (status != DG_OK) {
        return status;
    }
    return (row.rows == 1U) ? DG_OK : DG_E_AUTH;
}

/* trials ------------------------------------------------------------------- */

enum dg_status dg_store_trial(struct dg_store *store,
                              const char *build,
                              struct dg_store_trial *trial)
{
    const struct dg_db_value values[] = {DG_DB_TEXT(build)};
    struct dg_db_row row;
    const enum dg_status status =
        run(store,
            "SELECT COUNT(*), COALESCE(SUM(1 - passed), 0), (SELECT COUNT(*) "
            "FROM stops WHERE build = $1) FROM runs WHERE build = $1",
            values,
            COUNT_OF(values),
            &row);

    if ((status != DG_OK) || (row.rows != 1U)) {
        return DG_E_PORT;
    }
    trial->runs = row.number[0];
    trial->failed = row.number[1];
    trial->is_stopped = row.number[2] != 0;
    return DG_OK;
}

/* @satisfies{FDP_ATTEST.6@1} */
static enum dg_status stop_if_bad(struct dg_store *store,
                                  const char *build,
                                  uint32_t stop_runs,
                                  uint32_t stop_percent,
                                  int64_t now_s)
{
    const struct dg_db_value values[] = {DG_DB_TEXT(build), DG_DB_INT(now_s)};
    struct dg_store_trial trial;
    const enum dg_status status = dg_store_trial(store, build, &trial);

    if (status != DG_OK) {
        return status;
    }
    if ((trial.runs < (int64_t)stop_runs) ||
        (trial.failed * 100 < trial.runs * (int64_t)stop_percent)) {
        return DG_OK;
    }
    return run(store,
               "INSERT INTO stops (build, at) VALUES ($1, $2) ON CONFLICT DO "
               "NOTHING",
               values,
               COUNT_OF(values),
               NULL);
}

enum dg_status dg_store_trial_add(struct dg_store *store,
                                  const char *build,
                                  const struct dg_hash *subject,
                                  bool is_passed,
                                  uint32_t stop_runs,
                                  uint32_t stop_percent,
                                  int64_t now_s)
{
    char text[HASH_TEXT];

    dg_text_put_hex(DG_SPAN_OF(subject->byte), text);

    const struct dg_db_value values[] = {DG_DB_TEXT(build),
                                         DG_DB_TEXT(text),
                                         DG_DB_INT(is_passed ? 1 : 0),
                                         DG_DB_INT(now_s)};
    const enum dg_status status =
        run(store,
            "INSERT INTO runs (build, subject, passed, at) VALUES ($1, $2, "
            "$3, $4) ON CONFLICT (build, subject) DO UPDATE SET passed = "
            "excluded.passed, at = excluded.at",
            values,
            COUNT_OF(values),
            NULL);

    return (status == DG_OK)
               ? stop_if_bad(store, build, stop_runs, stop_percent, now_s)
               : status;
}

enum dg_status dg_store_trial_passed(struct dg_store *store,
                                     const char *build,
                                     const struct dg_hash *subject,
                                     bool *is_passed)
{
    char text[HASH_TEXT];
    struct dg_db_row row;

    dg_text_put_hex(DG_SPAN_OF(subject->byte), text);

    const struct dg_db_value values[] = {DG_DB_TEXT(build), DG_DB_TEXT(text)};
    const enum dg_status status =
        run(store,
            "SELECT 1 FROM runs WHERE build = $1 AND subject = $2 AND passed = "
            "1",
            values,
            COUNT_OF(values),
            &row);

    *is_passed = (status == DG_OK) && (row.rows == 1U);
    return status;
}

enum dg_status dg_store_trial_next(struct dg_store *store,
                                   const char *after,
                                   char build[DG_STORE_BUILD_MAX])
{
    const struct dg_db_value values[] = {DG_DB_TEXT(after)};
    struct dg_db_row row;
    const enum dg_status status =
        run(store,
            "SELECT build FROM runs WHERE build > $1 ORDER BY build LIMIT 1",
            values,
            COUNT_OF(values),
            &row);

    if (status != DG_OK) {
        return status;
    }
    if (row.rows == 0U) {
        return DG_E_STATE;
    }
    (void)snprintf(build, DG_STORE_BUILD_MAX, "%.63s", row.text[0]);
    return DG_OK;
}

/* versions and cleaning ---------------------------------------------------- */

enum dg_status dg_store_raise(struct dg_store *store,
                              const char *name,
                              uint32_t version,
                              uint32_t *highest)
{
    const struct dg_db_value values[] = {DG_DB_TEXT(name), DG_DB_INT(version)};
    struct dg_db_row row = {.rows = 0U};
    enum dg_status status =
        run(store,
            "INSERT INTO highest (name, version) VALUES ($1, $2) ON CONFLICT "
            "(name) DO UPDATE SET version = excluded.version WHERE "
            "excluded.version > highest.version",
            values,
            COUNT_OF(values),
            NULL);

    if (status == DG_OK) {
        status = run(store,
                     "SELECT version FROM highest WHERE name = $1",
                     values,
                     1U,
                     &row);
    }
    if ((status != DG_OK) || (row.rows != 1U)) {
        return DG_E_PORT;
    }
    *highest = (uint32_t)row.number[0];
    return DG_OK;
}

enum dg_status dg_store_prune(struct dg_store *store, int64_t now_s)
{
    const struct dg_db_value rate[] = {DG_DB_INT(now_s - RATE_KEPT_S)};
    const struct dg_db_value nonce[] = {DG_DB_INT(now_s - NONCE_KEPT_S)};
    const enum dg_status status =
        run(store, "DELETE FROM rates WHERE at < $1", rate, 1U, NULL);

    return (status == DG_OK)
               ? run(store, "DELETE FROM nonces WHERE at < $1", nonce, 1U, NULL)
               : status;
}
