/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/label.h"

#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "eval/utf8.h"

/* One unit is a quarter of a millimetre: 400 units are 100 mm. */
#define WIDTH     400U
#define MARGIN    14U
#define VALUE_X   150U
#define LINE_SIZE 400U

/* The code: two units a module, half a millimetre; four modules of quiet
 * around it (ISO/IEC 18004, 6.3.8). */
#define MODULE     2U
#define QUIET      4U
#define CODE_GAP   10U
#define IS_DARK(m) (((m)&1U) != 0U)

/* Advance widths of Helvetica in thousandths of the type size, characters 32
 * to 126.  Source: the Adobe Font Metrics of Helvetica, whose widths Arial and
 * Liberation Sans share.  Bold is wider; see width_of(). */
/* clang-format off */
static const uint16_t widths[] = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278,
    278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584,
    584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556,
    833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278,
    278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222,
    500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,
    500, 334, 260, 334, 584,
};
/* clang-format on */

struct style {
    const char *class_name;
    unsigned size; /* of the type, in units */
    unsigned step; /* from line to line */
    bool is_bold;
};

static const struct style style_name = {"n", 24, 27, true};
static const struct style style_maker = {"m", 12, 16, false};
static const struct style style_title = {"t", 11, 14, false};
static const struct style style_value = {"v", 13, 16, true};
static const struct style style_plain = {"p", 10, 13, false};

/* In thousandths of a unit.  A twelfth more for bold and 4 % for a font of
 * slightly other widths; a letter beyond ASCII counts as a wide one. */
static size_t width_of(const struct style *style, uint32_t character)
{
    size_t width = 1000;

    if ((character >= 32U) && (character <= 126U)) {
        width = widths[character - 32U];
    }
    width = (width * (style->is_bold ? 1120U : 1040U)) / 1000U;
    return width * style->size;
}

/* How many bytes of @text fit into @room units: whole words, or as much of one
 * word as fits.  At least one character, so that the caller gets on. */
static size_t fit(const struct style *style, const char *text, unsigned room)
{
    const size_t size = strlen(text);
    size_t used = 0;
    size_t at_space = 0;
    size_t width = 0;

    while (used < size) {
        uint32_t character = 0;
        const size_t bytes = dg_utf8_next(text + used, size - used, &character);

        width += width_of(style, character);
        if ((width > ((size_t)room * 1000U)) && (used > 0U)) {
            return (at_space > 0U) ? at_space : used;
        }
        if ((used + bytes) >= LINE_SIZE) {
            return used;
        }
        used += bytes;
        if (character == ' ') {
            at_space = used;
        }
    }
    return size;
}

/* Set a text in lines from the top @y down; gives the new top. */
static unsigned put_text(struct dg_html *svg,
                         const struct style *style,
                         unsigned x,
                         unsigned y,
                         const char *text)
{
    while (*text != '\0') {
        char line[LINE_SIZE + 1U];
        size_t size = fit(style, text, WIDTH - MARGIN - x);

        memcpy(line, text, size);
        line[size] = '\0';
        text += size;
        while ((size > 0U) && (line[size - 1U] == ' ')) {
            size--;
            line[size] = '\0';
        }
        dg_html_put(svg,
                    "<text class=\"%s\" x=\"%u\" y=\"%u\">%s</text>\n",
                    style->class_name,
                    x,
                    y + style->size,
                    line);
        y += style->step;
    }
    return y;
}

static void put_rule(struct dg_html *svg, unsigned y, unsigned height)
{
    dg_html_put(svg,
                "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
                MARGIN,
                y,
                WIDTH - (2U * MARGIN),
                height);
}

static unsigned put_fact(struct dg_html *svg,
                         const struct dg_label_fact *fact,
                         unsigned y)
{
    put_rule(svg, y, 1);
    y += 6U;

    const unsigned left =
        put_text(svg, &style_title, MARGIN, y + 1U, fact->title);
    unsigned right = put_text(svg, &style_value, VALUE_X, y, fact->value);

    right = put_text(svg, &style_plain, VALUE_X, right, fact->sentence);
    return ((left > right) ? left : right) + 4U;
}

static unsigned put_head(struct dg_html *svg, const struct dg_run *run)
{
    unsigned y = 12;

    dg_html_put(svg,
                "<text class=\"h\" x=\"%u\" y=\"%u\">Security facts</text>\n",
                MARGIN,
                y + 34U);
    y += 46U;
    put_rule(svg, y, 1);
    y = put_text(svg, &style_name, MARGIN, y + 7U, run->product.name);
    y = put_text(svg, &style_maker, MARGIN, y + 2U, run->product.maker);
    if (run->product.version[0] != '\0') {
        dg_html_put(svg,
                    "<text class=\"m\" x=\"%u\" y=\"%u\">Version %s</text>\n",
                    MARGIN,
                    y + 12U,
                    run->product.version);
        y += 16U;
    }
    put_rule(svg, y + 5U, 8);
    return y + 13U;
}

/* One path, a run of dark modules after the other; gives its width in units, 0
 * when it could not be made. */
static unsigned put_code(struct dg_html *svg,
                         const struct dg_run_origin *origin,
                         unsigned y)
{
    char text[DG_LABEL_CODE_SIZE];

    dg_label_code(origin, text);

    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

    if (code == NULL) {
        svg->failed = true;
        return 0;
    }

    const unsigned width = (unsigned)code->width;

    dg_html_put(svg,
                "<path class=\"code\" transform=\"translate(%u %u) scale(%u)\" "
                "d=\"",
                MARGIN,
                y,
                MODULE);
    for (unsigned row = 0; row < width; row++) {
        for (unsigned column = 0; column < width;) {
            unsigned end = column;

            while ((end < width) && IS_DARK(code->data[(row * width) + end])) {
                end++;
            }
            if (end > column) {
                dg_html_put(svg,
                            "M%u %uh%uv1h-%uz",
                            column + QUIET,
                            row + QUIET,
                            end - column,
                            end - column);
            }
            column = end + 1U;
        }
    }
    dg_html_raw(svg, "\"/>\n");
    QRcode_free(code);
    return (width + (2U * QUIET)) * MODULE;
}

static unsigned put_foot(struct dg_html *svg,
                         const struct dg_run *run,
                         const struct dg_run_origin *origin,
                         unsigned y)
{
    struct dg_arena arena;
    unsigned text = 0;

    put_rule(svg, y, 4);
    y += 6U;

    const unsigned code = put_code(svg, origin, y);
    const unsigned x = MARGIN + code + CODE_GAP;

    text = put_text(svg,
                    &style_value,
                    x,
                    y + 6U,
                    "Research evaluation, not a certificate.");
    text = put_text(svg,
                    &style_plain,
                    x,
                    text,
                    "Made with Dosegate's own, non-normative profile; it is "
                    "not a DTSec, DTMoSt or IEEE 2621 evaluation. No number "
                    "adds these facts up.");
    dg_arena_init(&arena);
    text = put_text(svg, &style_plain, x, text, dg_label_age(run, &arena));
    dg_arena_free(&arena);
    text = put_text(svg,
                    &style_plain,
                    x,
                    text,
                    "The code names the full record; check that with: dosegate "
                    "verify. SHA-256:");
    text = put_text(svg, &style_plain, x, text, origin->digest);
    return ((text > (y + code)) ? text : (y + code)) + 12U;
}

/* Silence is a fact too: how much nobody stated. */
static size_t add_unstated(const struct dg_run *run,
                           const struct dg_conclusion *conclusion,
                           const struct dg_run_origin *origin,
                           struct dg_label_fact facts[DG_LABEL_FACTS_MAX],
                           size_t count)
{
    struct dg_label_field fields[DG_LABEL_FIELDS_MAX];
    struct dg_arena arena;
    size_t unstated = 0;

    dg_arena_init(&arena);

    const size_t all = dg_label_fields(run, conclusion, origin, &arena, fields);

    for (size_t i = 0; i < all; i++) {
        unstated += (fields[i].value[0] == '\0') ? 1U : 0U;
    }
    dg_arena_free(&arena);
    if ((unstated == 0U) || (count == DG_LABEL_FACTS_MAX)) {
        return count;
    }

    struct dg_label_fact *fact = &facts[count];

    (void)snprintf(fact->title, sizeof(fact->title), "Not stated");
    (void)snprintf(
        fact->value, sizeof(fact->value), "%zu of %zu facts", unstated, all);
    (void)snprintf(fact->sentence,
                   sizeof(fact->sentence),
                   "The maker said nothing of these; the whole label "
                   "(label.txt) names each.");
    return count + 1U;
}

/* The page around the text, once its height is known. */
static void put_page(struct dg_html *svg,
                     const struct dg_run *run,
                     const struct dg_run_origin *origin,
                     const struct dg_html *content,
                     unsigned height)
{
    dg_html_put(svg,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<!-- dosegate-run:sha256:%s -->\n"
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100mm\" "
                "height=\"%u.%u%umm\" viewBox=\"0 0 %u %u\" role=\"img\" "
                "aria-labelledby=\"title\">\n",
                origin->digest,
                height / 4U,
                ((height % 4U) * 25U) / 10U,
                ((height % 4U) * 25U) % 10U,
                WIDTH,
                height);
    dg_html_put(svg,
                "<title id=\"title\">Security facts of %s</title>\n",
                run->product.name);
    dg_html_raw(
        svg,
        "<style>\n"
        "text { font-family: Helvetica, Arial, \"Liberation Sans\", "
        "sans-serif; fill: #111; }\n"
        ".h { font-size: 40px; font-weight: 700; letter-spacing: -1px; }\n"
        ".n { font-size: 24px; font-weight: 700; }\n"
        ".m { font-size: 12px; }\n"
        ".t { font-size: 11px; }\n"
        ".v { font-size: 13px; font-weight: 700; }\n"
        ".p { font-size: 10px; }\n"
        "rect, .code { fill: #111; }\n"
        ".paper { fill: #fff; stroke: #111; stroke-width: 3; }\n"
        "</style>\n");
    dg_html_put(svg,
                "<rect class=\"paper\" x=\"2\" y=\"2\" width=\"%u\" "
                "height=\"%u\"/>\n",
                WIDTH - 4U,
                height - 4U);
    dg_html_raw_span(svg, dg_html_span(content));
    dg_html_raw(svg, "</svg>\n");
}

enum dg_status dg_label_render(const struct dg_run *run,
                               const struct dg_run_origin *origin,
                               struct dg_html *svg)
{
    struct dg_label_fact facts[DG_LABEL_FACTS_MAX];
    struct dg_conclusion conclusion;
    struct dg_html content;
    const enum dg_status status = dg_conclude(run, &conclusion);

    dg_html_init(svg);
    if (status != DG_OK) {
        return status;
    }

    const size_t count =
        add_unstated(run,
                     &conclusion,
                     origin,
                     facts,
                     dg_label_facts(run, &conclusion, origin, facts));

    dg_html_init(&content);

    unsigned y = put_head(&content, run);

    for (size_t i = 0; i < count; i++) {
        y = put_fact(&content, &facts[i], y);
    }
    y = put_foot(&content, run, origin, y + 2U);
    put_page(svg, run, origin, &content, y);

    const bool is_good = !content.failed && !svg->failed;

    dg_html_free(&content);
    return is_good ? DG_OK : DG_E_PORT;
}
