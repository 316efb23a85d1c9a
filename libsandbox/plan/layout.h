/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a report looks as text: labels, words that wrap, columns. Whatever comes is made printable.
 *
 * Not for: what is a member of what (report.c).
 */
#ifndef ORLOP_LIBSANDBOX_PLAN_LAYOUT_H
#define ORLOP_LIBSANDBOX_PLAN_LAYOUT_H

#include <stddef.h>

#include "libbase/text.h"
#include "libspec/spec.h"

/* Between the cells and rows of a table. Printable values never have these bytes. */
#define LAYOUT_CELL_END "\037"
#define LAYOUT_ROW_END  "\n"

void layout_append_blanks(struct text_buffer *to, size_t count);
void layout_append_printable(struct text_buffer *to, const char *text);
/* "noNewPrivileges" to "no new privileges"; returns its width. */
size_t layout_append_label(struct text_buffer *to, const char *key);
/* In quotes when it is empty or has blanks. */
void layout_append_word(struct text_buffer *to, const char *word);
/* `column` is where the first word stands and where the lines below it begin; 0: nothing is broken. */
void layout_append_words(struct text_buffer *to, const struct spec_strings *words, size_t column);
/* Rows and cells of `table` in columns, each as wide as its widest cell; what is far too wide pushes its own row only. */
void layout_append_table(struct text_buffer *to, const char *table, size_t indent);

#endif
