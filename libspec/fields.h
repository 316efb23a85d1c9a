/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What properties the documents have: one row each, with type, bounds, place in memory, and whether orlop acts on it.
 * The parser, the writer, the schema test and the generated docs all walk these rows.
 *
 * Not for: the macros that make rows (libspec/parse/bind.h).
 */
#ifndef ORLOP_LIBSPEC_FIELDS_H
#define ORLOP_LIBSPEC_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libspec/names.h"

enum field_kind {
	FIELD_STRING, /* const char * */
	FIELD_BOOL,   /* struct opt_bool, and so on for the next five */
	FIELD_I32,
	FIELD_U16,
	FIELD_U32,
	FIELD_I64,
	FIELD_U64,
	FIELD_PLAIN_U32, /* uint32_t; 0 when absent */
	FIELD_PLAIN_I64,
	FIELD_PLAIN_U64,
	FIELD_ENUM,    /* int, of `names`; 0 when absent */
	FIELD_MASK,    /* struct opt_mask, of `names` */
	FIELD_STRINGS, /* struct spec_strings */
	FIELD_U32S,    /* struct spec_u32s */
	FIELD_OBJECT,  /* pointer to a `child` */
	FIELD_OBJECTS, /* SPEC_LIST of `child` */
	FIELD_PAIRS,   /* struct spec_pairs */
	FIELD_MAP,     /* SPEC_LIST of `child`, whose first member is the key */
	FIELD_IGNORED, /* read by nobody, for `reason` */
	FIELD_REFUSED, /* an error when present, for `reason` */
};

enum field_flag {
	FIELD_REQUIRED = 1 << 0,     /* an error when absent, always written */
	FIELD_ALWAYS = 1 << 1,       /* always written, but need not be there */
	FIELD_KEEP_UNKNOWN = 1 << 2, /* FIELD_MASK: words that are no names are kept and warned about, not refused */
	FIELD_EXTENSION = 1 << 3,    /* in no schema: of runc, or of an older specification */
	FIELD_ALIAS = 1 << 4,        /* another spelling of the row above; not written */
	FIELD_NOT_EMPTY = 1 << 5,    /* lists: at least one item */
	FIELD_BOUNDED = 1 << 6,      /* `least` holds */
	FIELD_BLANK = 1 << 7,        /* FIELD_ENUM: "" is as good as absent; Go writes an empty value so */
};

struct fields;

struct field {
	const char *name;
	const char *reason;  /* why orlop does not act on it; NULL: it does */
	const char *missing; /* FIELD_REQUIRED: what else is said when it is absent, or NULL */
	const struct name_table *names;
	const struct fields *child;
	int64_t least; /* FIELD_BOUNDED numbers: instead of the type's least; FIELD_BOUNDED enums: the least value allowed */
	uint16_t offset;
	uint8_t kind;  /* enum field_kind */
	uint8_t flags; /* enum field_flag */
};

/* The properties of one object, in the order they are written. At most 64. */
struct fields {
	const struct field *rows;
	size_t count;
	size_t size; /* of the struct that they fill */
};

/* The documents. */
extern const struct fields fields_spec;
extern const struct fields fields_process;
extern const struct fields fields_resources;
extern const struct fields fields_state;
extern const struct fields fields_record;
extern const struct fields fields_features;

/* The range of a number kind, `least` applied. False for other kinds. */
bool field_range(const struct field *field, int64_t *least, uint64_t *most);

/*
 * Walks all rows of a document, parents before children; of an alias only the row itself. Begin, then next until
 * NULL. `path` is the row's path pattern as conformance/schema/config-paths.tsv writes it: "[]" for the items of an
 * array, "{*}" for those of a map; `reason` is the row's own or the one of the nearest row above it that has one.
 */
#define FIELD_WALK_DEPTH 12

struct field_walk {
	struct {
		const struct fields *fields;
		size_t next;
		size_t path_length; /* of the part above */
		const char *reason; /* from above */
	} levels[FIELD_WALK_DEPTH];
	unsigned int depth;
	const struct field *entered; /* the row whose children come next */
	const char *reason;
	char path[256];
};

void field_walk_begin(struct field_walk *walk, const struct fields *document);
const struct field *field_walk_next(struct field_walk *walk);

#endif
