/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/db.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/service/text.h"

#define VALUES_MAX  10U
#define NUMBER_SIZE 24U

/* A database that hangs must not hang us: seconds to connect, milliseconds for
 * a statement.  Ours: some orders above what both take. */
#define CONNECT_S "3"
#define OPTIONS   "-c statement_timeout=3000 -c lock_timeout=2000"

static enum dg_status failed(struct dg_db *db, const char *said)
{
    (void)snprintf(db->why, sizeof(db->why), "postgresql: %.200s", said);
    for (char *at = db->why; *at != '\0'; at++) {
        *at = (*at == '\n') ? ' ' : *at;
    }
    return DG_E_PORT;
}

static void take_row(const PGresult *result, struct dg_db_row *row)
{
    const int cells = PQnfields(result);

    row->rows = (size_t)PQntuples(result);
    if (row->rows == 0U) {
        return;
    }
    row->cells =
        ((size_t)cells > DG_DB_ROW_MAX) ? DG_DB_ROW_MAX : (size_t)cells;
    for (size_t i = 0; i < row->cells; i++) {
        const char *text = PQgetvalue(result, 0, (int)i);

        row->number[i] = strtoll(text, NULL, 10);
        (void)snprintf(row->text[i], sizeof(row->text[i]), "%s", text);
    }
}

static enum dg_status run(struct dg_db *db,
                          const char *sql,
                          const struct dg_db_value *value,
                          size_t values,
                          struct dg_db_row *row)
{
    PGconn *const handle = (PGconn *)db->handle;
    char number[VALUES_MAX][NUMBER_SIZE];
    const char *text[VALUES_MAX];

    if (values > VALUES_MAX) {
        return failed(db, "too many values");
    }
    for (size_t i = 0; i < values; i++) {
        (void)snprintf(
            number[i], NUMBER_SIZE, "%lld", (long long)value[i].number);
        text[i] = (value[i].text != NULL) ? value[i].text : number[i];
    }
    if (PQstatus(handle) != CONNECTION_OK) {
        PQreset(handle);
    }

    PGresult *result =
        PQexecParams(handle, sql, (int)values, NULL, text, NULL, NULL, 0);
    const ExecStatusType code = PQresultStatus(result);
    enum dg_status status = DG_OK;

    if (code == PGRES_TUPLES_OK) {
        take_row(result, row);
    } else if (code != PGRES_COMMAND_OK) {
        status = failed(db, PQerrorMessage(handle));
    }
    PQclear(result);
    return status;
}

static void close_it(struct dg_db *db)
{
    PQfinish((PGconn *)db->handle);
}

const struct dg_db_kind dg_db_postgres = {
    .name = "postgresql",
    .serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    .run = run,
    .close = close_it,
};

/* "table is there already" and the like are no news. */
static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

enum dg_status dg_db_postgres_open(struct dg_db *db, const char *url)
{
    /* What the address says wins over what stands before it. */
    const char *const keys[] = {"connect_timeout",
                                "options",
                                "fallback_application_name",
                                "dbname",
                                NULL};
    const char *const values[] = {
        CONNECT_S, OPTIONS, "dosegate-attestd", url, NULL};
    PGconn *handle = PQconnectdbParams(keys, values, 1);

    if (PQstatus(handle) != CONNECTION_OK) {
        const enum dg_status status = failed(db, PQerrorMessage(handle));

        PQfinish(handle);
        return status;
    }
    (void)PQsetNoticeReceiver(handle, ignore_notice, NULL);
    db->kind = &dg_db_postgres;
    db->handle = handle;
    return DG_OK;
}
