/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_DB_H
#define DG_ATTEST_DB_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* SQL, as far as SQLite and PostgreSQL mean the same by it: parameters are $1,
 * $2, ... in that order, values are integers and text.  One connection, used
 * by one thread. */
#define DG_DB_WHY_MAX  256U
#define DG_DB_ROW_MAX  6U
#define DG_DB_TEXT_MAX 160U

struct dg_db;

struct dg_db_value {
    const char *text; /* NULL: the number counts */
    int64_t number;
};

#define DG_DB_TEXT(string) ((struct dg_db_value){.text = (string)})
#define DG_DB_INT(value)   ((struct dg_db_value){.number = (value)})

/* The first row of an answer. */
struct dg_db_row {
    size_t rows; /* in the whole answer */
    size_t cells;
    int64_t number[DG_DB_ROW_MAX];
    char text[DG_DB_ROW_MAX][DG_DB_TEXT_MAX]; /* of text columns */
};

/* What differs between the two. */
struct dg_db_kind {
    const char *name;
    const char *serial; /* type of a column that numbers its rows from 1 on */
    enum dg_status (*run)(struct dg_db *db,
                          const char *sql,
                          const struct dg_db_value *value,
                          size_t values,
                          struct dg_db_row *row);
    void (*close)(struct dg_db *db);
};

struct dg_db {
    const struct dg_db_kind *kind;
    void *handle;
    char why[DG_DB_WHY_MAX]; /* of the last DG_E_PORT; without values */
};

/**
 * Open a database.
 *
 * @param where  postgresql://... for PostgreSQL, else the path of a SQLite
 *               file, which is made (mode 0600).
 *
 * @retval DG_OK, DG_E_PORT (see why).
 */
DG_NODISCARD enum dg_status dg_db_open(struct dg_db *db, const char *where);

/**
 * Run one statement.
 *
 * @param[out] row  NULL: the answer does not matter.
 *
 * @retval DG_OK      @p row has the first row, if there is one.
 * @retval DG_E_PORT  The database failed; see why.  PostgreSQL is asked again
 *                    at the next call.
 */
DG_NODISCARD enum dg_status dg_db_run(struct dg_db *db,
                                      const char *sql,
                                      const struct dg_db_value *value,
                                      size_t values,
                                      struct dg_db_row *row);

void dg_db_close(struct dg_db *db);

/* The two; each opens into db->handle. */
extern const struct dg_db_kind dg_db_sqlite;
extern const struct dg_db_kind dg_db_postgres;
DG_NODISCARD enum dg_status dg_db_sqlite_open(struct dg_db *db,
                                              const char *path);
DG_NODISCARD enum dg_status dg_db_postgres_open(struct dg_db *db,
                                                const char *url);

#endif
