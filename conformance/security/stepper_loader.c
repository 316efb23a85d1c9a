/* SPDX-License-Identifier: Apache-2.0 */
/* Whose calls are not the command's own. See stepper_loader.h. What the loader says when it fails is not orlop's, nor can it be mended there. */
#include "conformance/security/stepper_loader.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libbase/cleanup.h"

static const char *const skipped[] = { "/ld-linux", "/ld-musl", "/libasan.so", "/libubsan.so" };

static bool is_skipped(const char *line)
{
	const char *name = strrchr(line, '/');

	for (size_t i = 0; name && i < ARRAY_SIZE(skipped); i++)
		if (strncmp(name, skipped[i], strlen(skipped[i])) == 0)
			return true;
	return false;
}

/* Reads the hexadecimal number at the beginning of the text; returns what comes behind it. */
static const char *hex_take(const char *text, uint64_t *ret)
{
	*ret = 0;
	for (; (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'f'); text++)
		*ret = *ret * 16 + (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return text;
}

static const struct loader_place *place_known(const struct loader *loader, uint64_t address)
{
	for (size_t i = 0; i < loader->count; i++)
		if (loader->places[i].first <= address && address < loader->places[i].end)
			return &loader->places[i];
	return NULL;
}

static const struct loader_place *place_look_up(struct loader *loader, uint32_t pid, uint64_t address)
{
	struct loader_place *place = &loader->places[loader->count < LOADER_PLACES_MAX ? loader->count : 0];
	uint64_t first, end;
	char line[4352];
	FILE *maps;

	(void)snprintf(line, sizeof(line), "/proc/%u/maps", pid);
	maps = fopen(line, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		const char *rest = hex_take(line, &first);

		(void)hex_take(rest + (*rest == '-'), &end);
		if (address < first || address >= end)
			continue;
		*place = (struct loader_place){ .first = first, .end = end, .skips = is_skipped(line) };
		loader->count += loader->count < LOADER_PLACES_MAX;
		(void)fclose(maps);
		return place;
	}
	if (maps)
		(void)fclose(maps);
	return NULL;
}

bool loader_has(struct loader *loader, uint32_t pid, uint64_t address)
{
	const struct loader_place *place = place_known(loader, address);

	if (!place)
		place = place_look_up(loader, pid, address);
	return place && place->skips;
}

void loader_forget(struct loader *loader)
{
	loader->count = 0;
}
