/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 decoding, strict as RFC 3629.
 */
#include "libbase/utf8.h"

#include "libbase/cleanup.h"

/* Bytes of the sequence that `lead` starts; 0: it starts none. */
static size_t sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

size_t utf8_decode(const char *bytes, size_t length, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const unsigned char lead_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t wanted;
	uint32_t point;

	if (length == 0)
		return 0;
	wanted = sequence_length((unsigned char)bytes[0]);
	if (wanted == 0 || wanted > length)
		return 0;
	point = (unsigned char)bytes[0] & lead_mask[wanted];
	for (size_t i = 1; i < wanted; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if ((byte & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (byte & 0x3f);
	}
	if (point < least[wanted] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret = point;
	return wanted;
}

bool utf8_is_printable(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x00, 0x1f },     { 0x7f, 0xa0 },       { 0xad, 0xad },        { 0x061c, 0x061c },
		{ 0x1680, 0x1680 }, { 0x180e, 0x180e },   { 0x2000, 0x200f },    { 0x2028, 0x202f },
		{ 0x205f, 0x206f }, { 0x3000, 0x3000 },   { 0xd800, 0xf8ff },    { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0xe0000, 0xe00ff }, { 0xe01f0, 0x10ffff }, { 0xfdd0, 0xfdef },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
		if (point >= hidden[i].first && point <= hidden[i].last)
			return false;
	return (point & 0xfffe) != 0xfffe;
}

size_t utf8_trim_cut(const char *bytes, size_t length)
{
	for (size_t back = 1; back <= 3 && back <= length; back++) {
		unsigned char byte = (unsigned char)bytes[length - back];

		if ((byte & 0xc0) == 0x80)
			continue;
		return sequence_length(byte) > back ? length - back : length;
	}
	return length;
}
