/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>

#include "eval/report_parts.h"

static const char *state_name(enum dg_rating_state state)
{
    switch (state) {
    case DG_RATING_SUCCESSFUL:
        return "works: a test showed it";
    case DG_RATING_UNSUCCESSFUL:
        return "does not work: a test showed it, so it does not count";
    case DG_RATING_UNDETERMINED:
        return "not yet shown either way";
    case DG_RATING_STATE_NONE:
    default:
        return "not looked at";
    }
}

static void put_choice(struct dg_html *html,
                       const struct dg_rating_table *table,
                       const struct dg_rating_choice *choice)
{
    const struct dg_rating_factor *factor =
        dg_rating_table_factor(table, choice->factor);
    const struct dg_rating_level *level =
        (factor == NULL) ? NULL : dg_rating_factor_level(factor, choice->level);

    dg_html_put(html,
                "<tr><th scope=\"row\">%s</th><td>%s",
                (factor == NULL) ? choice->factor : factor->title,
                (level == NULL) ? choice->level : level->label);
    if (choice->changed_by[0] != '\0') {
        dg_html_put(html,
                    ", changed by %s (proposed: %s): %s</td>",
                    choice->changed_by,
                    choice->proposed,
                    choice->reason);
    } else {
        dg_html_put(html,
                    "%s%s</td>",
                    choice->is_adjusted ? ", adjusted: " : "",
                    choice->reason);
    }
    if ((level != NULL) && !level->is_exploitable) {
        dg_html_raw(html, "<td class=\"num\">not exploitable</td></tr>\n");
        return;
    }
    dg_html_put(html,
                "<td class=\"num\">%u</td></tr>\n",
                dg_rating_points(table, choice));
}

static void put_sum(struct dg_html *html, const struct dg_rating *rating)
{
    if (!rating->is_exploitable) {
        dg_html_raw(html,
                    "<tr class=\"sum\"><th scope=\"row\">Sum</th><td>no sum: "
                    "the path is not open in the intended use</td><td "
                    "class=\"num\">-</td></tr>\n");
        return;
    }
    dg_html_put(html,
                "<tr class=\"sum\"><th scope=\"row\">Sum</th><td>Attack "
                "potential needed: %s. Product resistant to: %s. ",
                rating->range->required,
                rating->range->resistant_to);
    if (rating->range->van == 0U) {
        dg_html_raw(html, "Contradicts every AVA_VAN level.");
    } else {
        dg_html_put(html, "AVA_VAN.%u can still stand.", rating->range->van);
    }
    dg_html_put(html, "</td><td class=\"num\">%u</td></tr>\n", rating->sum);
}

static void put_path(struct dg_html *html,
                     const struct dg_run *run,
                     const struct dg_run_test *test,
                     const struct dg_run_path *path)
{
    struct dg_rating rating;

    dg_html_put(html,
                "<article class=\"path\"><h3>%s</h3>\n<p class=\"metas\">"
                "<span class=\"meta\"><b>State</b> %s</span> "
                "<span class=\"meta\"><b>Found by</b> <a href=\"#test-%s\">%s"
                "</a></span></p>\n",
                path->title,
                state_name(path->state),
                test->id,
                test->id);
    if (!dg_conclude_path(run, path, &rating)) {
        dg_html_raw(html,
                    "<p class=\"text\">Not rated: the factors are not "
                    "complete, or there is no table.</p></article>\n");
        return;
    }
    dg_html_put(html,
                DG_REPORT_SCROLL
                "<table class=\"factors\"><thead><tr>"
                "<th scope=\"col\">Factor</th><th scope=\"col\">Level</th><th "
                "scope=\"col\" class=\"num\">Points</th></tr></thead><tbody>"
                "\n",
                path->title);
    for (const struct dg_rating_choice *c = path->choices; c != NULL;
         c = c->next) {
        put_choice(html, &run->table, c);
    }
    put_sum(html, &rating);
    dg_html_put(html,
                "</tbody></table></div>\n<p class=\"text\">%s</p>\n",
                path->justification);
    dg_html_put(html,
                "<p class=\"fine\">Rated by: %s. Second evaluator: %s.</p>"
                "</article>\n",
                (path->rated_by[0] == '\0') ? "not stated" : path->rated_by,
                (path->confirmed_by[0] == '\0') ? "nobody yet"
                                                : path->confirmed_by);
}

static void put_conclusion(struct dg_html *html,
                           const struct dg_run *run,
                           const struct dg_conclusion *c)
{
    const unsigned claimed = (unsigned)run->head.van_claimed;

    dg_html_raw(html, "<p class=\"lead\">");
    if (c->cheapest != NULL) {
        dg_html_put(html,
                    "The cheapest attack that works, \xe2\x80\x9c%s\xe2\x80"
                    "\x9d, scores %u points (%s). ",
                    c->cheapest->title,
                    c->cheapest_rating.sum,
                    c->cheapest_rating.range->required);
    } else if (c->unrated_failures == 0U) {
        dg_html_raw(html, "No attack that was tried worked. ");
    }
    if (c->unrated_failures > 0U) {
        dg_html_put(html,
                    "%zu failed test%s no rated path yet, so no level can be "
                    "named. ",
                    c->unrated_failures,
                    (c->unrated_failures == 1U) ? " has" : "s have");
    } else if (!c->has_van) {
        dg_html_raw(html, "Too little was judged to name a level. ");
    } else if (c->van == 0U) {
        dg_html_raw(html, "No AVA_VAN level holds. ");
    } else {
        dg_html_put(html,
                    "The highest level that may be named is AVA_VAN.%u: no "
                    "path contradicts it, and nothing was claimed above it. ",
                    c->van);
    }
    if (claimed == 0U) {
        dg_html_raw(html, "No level was claimed.</p>\n");
        return;
    }
    dg_html_put(html,
                "Claimed: AVA_VAN.%u; this claim %s.</p>\n",
                claimed,
                (c->claim == DG_CLAIM_HOLDS)   ? "is not contradicted"
                : (c->claim == DG_CLAIM_FAILS) ? "is contradicted"
                                               : "is not decided");
}

void dg_report_rating(struct dg_html *html,
                      const struct dg_run *run,
                      const struct dg_conclusion *conclusion)
{
    dg_html_raw(html, "<section id=\"paths\"><h2>Attack paths</h2>\n");
    put_conclusion(html, run, conclusion);
    for (const struct dg_run_test *t = dg_report_next_test(run, NULL);
         t != NULL;
         t = dg_report_next_test(run, t)) {
        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            put_path(html, run, t, p);
        }
    }
    if (run->has_table) {
        dg_html_put(html,
                    "<p class=\"fine\">Points from %s, version %s (%s); "
                    "SHA-256 of the table <code>%s</code>.</p>\n",
                    run->table.id,
                    run->table.version,
                    run->table.source,
                    run->table.digest);
    }
    dg_html_raw(html, "</section>\n");
}
