/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/db.h"

#include <string.h>

static const char postgres[] = "postgresql://";

enum dg_status dg_db_open(struct dg_db *db, const char *where)
{
    memset(db, 0, sizeof(*db));
    return (strncmp(where, postgres, sizeof(postgres) - 1U) == 0)
               ? dg_db_postgres_open(db, where)
               : dg_db_sqlite_open(db, where);
}

enum dg_status dg_db_run(struct dg_db *db,
                         const char *sql,
                         const struct dg_db_value *value,
                         size_t values,
                         struct dg_db_row *row)
{
    struct dg_db_row unused;
    struct dg_db_row *const to = (row == NULL) ? &unused : row;

    to->rows = 0;
    to->cells = 0;
    return db->kind->run(db, sql, value, values, to);
}

void dg_db_close(struct dg_db *db)
{
    if (db->kind != NULL) {
        db->kind->close(db);
    }
    memset(db, 0, sizeof(*db));
}
