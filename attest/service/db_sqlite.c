/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/db.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long one instance waits for another that writes. */
#define BUSY_MS 2000

static enum dg_status failed(struct dg_db *db)
{
    (void)snprintf(db->why,
                   sizeof(db->why),
                   "sqlite: %s",
                   sqlite3_errmsg((sqlite3 *)db->handle));
    return DG_E_PORT;
}

static int bind(sqlite3_stmt *statement,
                const struct dg_db_value *value,
                size_t values)
{
    int code = SQLITE_OK;

    for (size_t i = 0; (i < values) && (code == SQLITE_OK); i++) {
        char name[24];

        /* $2 is a name here, and not always the second. */
        (void)snprintf(name, sizeof(name), "$%zu", i + 1U);

        const int place = sqlite3_bind_parameter_index(statement, name);

        code = (value[i].text != NULL)
                   ? sqlite3_bind_text(
                         statement, place, value[i].text, -1, SQLITE_STATIC)
                   : sqlite3_bind_int64(statement, place, value[i].number);
    }
    return code;
}

static void take_row(sqlite3_stmt *statement, struct dg_db_row *row)
{
    const int cells = sqlite3_column_count(statement);

    row->cells =
        ((size_t)cells > DG_DB_ROW_MAX) ? DG_DB_ROW_MAX : (size_t)cells;
    for (size_t i = 0; i < row->cells; i++) {
        const unsigned char *text = sqlite3_column_text(statement, (int)i);

        row->number[i] = sqlite3_column_int64(statement, (int)i);
        (void)snprintf(row->text[i],
                       sizeof(row->text[i]),
                       "%s",
                       (text == NULL) ? "" : (const char *)text);
    }
}

static enum dg_status run(struct dg_db *db,
                          const char *sql,
                          const struct dg_db_value *value,
                          size_t values,
                          struct dg_db_row *row)
{
    sqlite3_stmt *statement = NULL;

    if ((sqlite3_prepare_v2((sqlite3 *)db->handle, sql, -1, &statement, NULL) !=
         SQLITE_OK) ||
        (bind(statement, value, values) != SQLITE_OK)) {
        (void)sqlite3_finalize(statement);
        return failed(db);
    }

    int code = sqlite3_step(statement);

    while (code == SQLITE_ROW) {
        if (row->rows == 0U) {
            take_row(statement, row);
        }
        row->rows++;
        code = sqlite3_step(statement);
    }

    const enum dg_status status = (code == SQLITE_DONE) ? DG_OK : failed(db);

    (void)sqlite3_finalize(statement);
    return status;
}

static void close_it(struct dg_db *db)
{
    (void)sqlite3_close((sqlite3 *)db->handle);
}

const struct dg_db_kind dg_db_sqlite = {
    .name = "sqlite",
    .serial = "INTEGER PRIMARY KEY AUTOINCREMENT",
    .run = run,
    .close = close_it,
};

enum dg_status dg_db_sqlite_open(struct dg_db *db, const char *path)
{
    sqlite3 *handle = NULL;

    /* Made here, so that it is nobody else's from its first moment on. */
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0) {
        (void)snprintf(db->why, sizeof(db->why), "cannot open %.200s", path);
        return DG_E_PORT;
    }
    (void)close(fd);
    db->kind = &dg_db_sqlite;
    if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK) {
        (void)snprintf(
            db->why, sizeof(db->why), "sqlite: cannot open %.200s", path);
        (void)sqlite3_close(handle);
        db->kind = NULL;
        return DG_E_PORT;
    }
    db->handle = handle;
    (void)sqlite3_busy_timeout(handle, BUSY_MS);

    /* Readers and the one writer do not wait for each other; a power cut can
     * lose the last transactions, never the file. */
    if ((dg_db_run(db, "PRAGMA journal_mode=WAL", NULL, 0, NULL) == DG_OK) &&
        (dg_db_run(db, "PRAGMA synchronous=NORMAL", NULL, 0, NULL) == DG_OK)) {
        return DG_OK;
    }
    (void)sqlite3_close(handle);
    db->kind = NULL;
    db->handle = NULL;
    return DG_E_PORT;
}
