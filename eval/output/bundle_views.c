/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/output/bundle_parts.h"
#include "eval/position.h"
#include "eval/utf8.h"

/* The four views of FDA's guidance, V.B.2, drawn from what the product says of
 * itself and from what was tested.  Boxes and arrows only; what nobody said
 * stands there as not stated. */
#define WIDTH     720U
#define LETTER    6U /* width of a letter of the text, for breaking lines */
#define LINE      15U
#define LINES_MAX 6U
#define BOX       200U
#define HEIGHT    124U

struct box {
    unsigned x;
    unsigned y;
    unsigned width;
    unsigned height;
};

static void begin(struct dg_html *svg, unsigned height, const char *title)
{
    dg_html_init(svg);
    dg_html_put(svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u "
                "%u\" role=\"img\" font-size=\"12\" fill=\"currentColor\">"
                "<title>%s</title>\n",
                WIDTH,
                height,
                title);
}

static void end(struct dg_html *svg)
{
    dg_html_raw(svg, "</svg>");
}

/* As many bytes of a text as fit on a line, whole words where there are some. */
static size_t fit(const char *text, size_t letters)
{
    const size_t size = strlen(text);
    size_t used = 0;
    size_t at_space = 0;

    for (size_t count = 0; (used < size) && (count < letters); count++) {
        uint32_t character = 0;

        used += dg_utf8_next(text + used, size - used, &character);
        if (character == ' ') {
            at_space = used;
        }
    }
    return ((used < size) && (at_space > 0U)) ? at_space : used;
}

static void put_lines(struct dg_html *svg, struct box box, const char *text)
{
    unsigned y = box.y + 36U;

    for (unsigned line = 0; (*text != '\0') && (line < LINES_MAX); line++) {
        char part[256];
        size_t size = fit(text, (box.width - 16U) / LETTER);

        size = (size < sizeof(part)) ? size : (sizeof(part) - 1U);
        memcpy(part, text, size);
        part[size] = '\0';
        text += size;
        dg_html_put(svg,
                    "<text x=\"%u\" y=\"%u\">%s%s</text>\n",
                    box.x + 8U,
                    y,
                    part,
                    ((line == (LINES_MAX - 1U)) && (*text != '\0')) ? "..."
                                                                    : "");
        y += LINE;
    }
}

static void put_box(struct dg_html *svg,
                    struct box box,
                    const char *title,
                    const char *text)
{
    dg_html_put(svg,
                "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"6\" "
                "fill=\"none\" stroke=\"currentColor\"/>\n<text x=\"%u\" "
                "y=\"%u\" font-weight=\"bold\">%s</text>\n",
                box.x,
                box.y,
                box.width,
                box.height,
                box.x + 8U,
                box.y + 19U,
                title);
    put_lines(svg, box, dg_json_or_unstated(text));
}

/* To the right, with its head. */
static void put_arrow(
    struct dg_html *svg, unsigned x, unsigned y, unsigned to, const char *label)
{
    dg_html_put(svg,
                "<path d=\"M%u %uH%u\" fill=\"none\" stroke=\"currentColor\"/>"
                "<path d=\"M%u %ul8 4-8 4z\"/>\n<text x=\"%u\" y=\"%u\" "
                "text-anchor=\"middle\" font-size=\"11\">%s</text>\n",
                x,
                y,
                to - 8U,
                to - 8U,
                y - 4U,
                (x + to) / 2U,
                y - 6U,
                label);
}

static void draw_system(struct dg_html *svg, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;

    begin(svg, 300U, "Global system view");
    put_box(svg, (struct box){0, 10, BOX, HEIGHT}, "Phone", product->platform);
    put_box(svg,
            (struct box){0, 160, BOX, HEIGHT},
            "Person",
            "Uses the phone, and the device by hand.");
    put_box(svg,
            (struct box){260, 10, BOX, 274},
            product->name,
            product->function_class);
    put_box(
        svg, (struct box){520, 10, BOX, HEIGHT}, "Maker", product->update_mode);
    put_box(svg,
            (struct box){520, 160, BOX, HEIGHT},
            "Reports of weaknesses",
            product->contact);
    put_arrow(svg, BOX, 72, 260, "commands");
    put_arrow(svg, BOX, 222, 260, "by hand");
    dg_html_put(svg,
                "<path d=\"M520 72H468\" fill=\"none\" "
                "stroke=\"currentColor\"/><path d=\"M468 68l-8 4 8 4z\"/>"
                "<text x=\"490\" y=\"66\" text-anchor=\"middle\" "
                "font-size=\"11\">%s</text>\n",
                "updates");
    end(svg);
}

/* What one act could do to many devices at once. */
static void draw_many(struct dg_html *svg, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;

    begin(svg, 440U, "Multi-patient harm view");
    put_box(svg,
            (struct box){0, 10, BOX, HEIGHT},
            "Updates reach all devices",
            product->update_mode);
    put_box(svg,
            (struct box){0, 155, BOX, HEIGHT},
            "One phone platform for many",
            product->platform);
    put_box(svg,
            (struct box){0, 300, BOX, HEIGHT},
            "A phone that is lost",
            product->phone_lost);
    for (unsigned i = 0; i < 3U; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "Device of person %u", i + 1U);
        put_box(svg,
                (struct box){480, 10U + (145U * i), 240, HEIGHT},
                name,
                product->phone_starved);
        put_arrow(svg, BOX, 72U + (145U * i), 480, "may reach");
    }
    end(svg);
}

static void draw_update(struct dg_html *svg, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;
    char firmware[96];

    (void)snprintf(firmware,
                   sizeof(firmware),
                   "Version %.24s, SHA-256 %.16s...",
                   dg_json_or_unstated(product->version),
                   dg_json_or_unstated(product->firmware_digest));
    begin(svg, 150U, "Updateability and patchability view");
    put_box(svg,
            (struct box){0, 10, BOX, HEIGHT},
            "Maker supports until",
            product->support_end);
    put_box(svg,
            (struct box){260, 10, BOX, HEIGHT},
            "How updates come",
            product->update_mode);
    put_box(svg,
            (struct box){520, 10, BOX, HEIGHT},
            "Firmware that was tested",
            firmware);
    put_arrow(svg, BOX, 72, 260, "makes");
    put_arrow(svg, 460, 72, 520, "replaces");
    end(svg);
}

/* Where attackers stood, and what came of it. */
struct stand {
    const char *position;
    size_t tests;
    size_t passed;
    size_t failed;
};

#define STANDS_MAX 16U

static size_t gather(const struct dg_run *run, struct stand stands[STANDS_MAX])
{
    size_t count = 0;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        size_t i = 0;

        while ((i < count) && (strcmp(stands[i].position, t->position) != 0)) {
            i++;
        }
        if (i == STANDS_MAX) {
            continue;
        }
        if (i == count) {
            stands[i] = (struct stand){.position = t->position};
            count++;
        }
        stands[i].tests++;
        stands[i].passed += (t->verdict == DG_RUN_PASS) ? 1U : 0U;
        stands[i].failed += (t->verdict == DG_RUN_FAIL) ? 1U : 0U;
    }
    return count;
}

static void draw_cases(struct dg_html *svg, const struct dg_run *run)
{
    struct stand stands[STANDS_MAX];
    const size_t count = gather(run, stands);
    const unsigned rows = (unsigned)((count + 1U) / 2U);
    const unsigned height = 20U + (rows * 100U);

    begin(svg, height, "Security use case view");
    for (unsigned i = 0; i < (unsigned)count; i++) {
        const char *name = dg_position_name(stands[i].position);
        char text[128];

        (void)snprintf(text,
                       sizeof(text),
                       "%zu tests: %zu passed, %zu failed, %zu other",
                       stands[i].tests,
                       stands[i].passed,
                       stands[i].failed,
                       stands[i].tests - stands[i].passed - stands[i].failed);
        put_box(svg,
                (struct box){(i % 2U) * 370U, 10U + ((i / 2U) * 100U), 350, 70},
                (name == NULL) ? dg_json_or_unstated(stands[i].position) : name,
                text);
    }
    end(svg);
}

static json_t *interfaces_of(struct dg_bundle_work *work)
{
    json_t *rows = json_array();
    size_t number = 0;

    for (const struct dg_run_line *l = work->source->run->product.interfaces;
         l != NULL;
         l = l->next) {
        number++;
        dg_json_add(&work->json,
                    rows,
                    json_pack("{s:o s:s}",
                              "id",
                              json_sprintf("IF:%zu", number),
                              "interface",
                              l->text));
    }
    return rows;
}

json_t *dg_bundle_views(struct dg_bundle_work *work)
{
    static const struct {
        const char *id;
        const char *title;
        const char *text;
        void (*draw)(struct dg_html *svg, const struct dg_run *run);
    } views[] = {
        {"VIEW:1",
         "Global system",
         "The parts and who reaches what. Interfaces of the product are listed "
         "below.",
         draw_system},
        {"VIEW:2",
         "Harm to many patients",
         "What one act could do to many devices at once, and what the device "
         "does when its phone fails.",
         draw_many},
        {"VIEW:3",
         "Updates and patches",
         "How a correction reaches the device.",
         draw_update},
        {"VIEW:4",
         "Security use cases",
         "Where the attacker stood, or what the cause was, and what came of "
         "the tests from there.",
         draw_cases},
    };
    json_t *document = dg_bundle_document(
        "architecture",
        "Architecture views",
        "Four views, drawn from what the product says of itself and from what "
        "was tested. They are no substitute for the maker's own design "
        "documents.");

    for (size_t i = 0; i < (sizeof(views) / sizeof(views[0])); i++) {
        struct dg_html svg;

        views[i].draw(&svg, work->source->run);
        dg_bundle_figure(
            work, document, views[i].id, views[i].title, views[i].text, &svg);
        dg_html_free(&svg);
    }
    dg_bundle_table(work, document, "Interfaces", "", interfaces_of(work));
    return document;
}
