/* SPDX-License-Identifier: Apache-2.0 */
#include "page_files.h"

/* Made from web/confirm/ by the build; each ends with a zero byte. */
extern const unsigned char dg_page_html[];
extern const unsigned char dg_page_css[];
extern const unsigned char dg_page_mjs[];
extern const unsigned char dg_page_decimal[];

const struct dg_page_file dg_page_files[DG_PAGE_FILES] = {
    {"/", "text/html", dg_page_html},
    {"/confirm.css", "text/css", dg_page_css},
    {"/confirm.mjs", "text/javascript", dg_page_mjs},
    {"/decimal.mjs", "text/javascript", dg_page_decimal},
};
