/* SPDX-License-Identifier: Apache-2.0 */
/* Programs come back as they were kept, to the byte; and whatever happened to a file or its directory meanwhile, no other ever does. */
#include "libsandbox/seccomp/cache.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/wait.h>

#include "libbase/path_fixture.h"
#include "libsandbox/seccomp/names.h"
#include "libsandbox/seccomp/profile_fixture.h"

#define NOBODY 65534

/* What stands before the instructions of a file: two digests, magic, version, count. */
#define HEAD_SIZE    (2 * CACHE_DIGEST_SIZE + 16)
#define VERSION_AT   (CACHE_DIGEST_SIZE + 8)
#define FIRST_PLAIN  "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ALLOW'}]"
#define SECOND_PLAIN "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO'}]"

static struct cache_key key_of(const struct profile *profile)
{
	char version[SECCOMP_VERSION_SIZE];
	struct cache_maker maker;
	struct cache_key key;

	CHECK(cache_maker(&maker, version));
	cache_key(&profile->plan, &maker, &key);
	return key;
}

static bool programs_are_equal(const struct seccomp_program *a, const struct seccomp_program *b)
{
	return a->filter.len == b->filter.len &&
	       memcmp(a->filter.filter, b->filter.filter, a->filter.len * sizeof(*a->filter.filter)) == 0;
}

/* The program is in the cache, and is the profile's. */
static bool is_kept(const struct tree *tree, struct profile *profile, const struct cache_key *key)
{
	struct seccomp_program program = { 0 };

	if (!cache_find(tree->root, key, &profile->arena, &program))
		return false;
	CHECK(programs_are_equal(&program, &profile->program));
	return true;
}

/* A profile, its key, and its program in the cache. */
#define KEPT(tree, p, k, members)                     \
	PROFILE(p);                                   \
	struct cache_key k;                           \
	profile_make(&p, members);                    \
	k = key_of(&p);                               \
	CHECK(cache_keep(tree.root, &k, &p.program)); \
	CHECK(is_kept(&tree, &p, &k))

static int directory_of(const struct tree *tree)
{
	int fd = openat(tree->root, CACHE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static size_t file_count(const struct tree *tree)
{
	_cleanup_(fd_cleanup) int fd = directory_of(tree);
	DIR *directory = fdopendir(dup(fd));
	const struct dirent *entry;
	size_t count = 0;

	CHECK(directory);
	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

/* -- the same to the byte -------------------------------------------------------------------------------------------------------------- */

static void round_trip(const struct tree *tree, struct profile *profile)
{
	struct cache_key key = key_of(profile);

	CHECK(!is_kept(tree, profile, &key));
	CHECK(cache_keep(tree->root, &key, &profile->program));
	CHECK(is_kept(tree, profile, &key));
}

TEST(programs_of_real_profiles_come_back)
{
	static const char *const files[] = { "docker-default.json", "docker-options.json", "docker-bench.json",
					     "podman-default.json", "podman-options.json" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		TREE(tree);
		PROFILE(p);
		profile_read(&p, files[i]);
		CHECK_INT(profile_compile(&p), 0);
		round_trip(&tree, &p);
	}
}

TEST(programs_of_chance_come_back)
{
	TREE(tree);

	for (int round = 0; round < 300; round++) {
		PROFILE(p);
		struct cache_key key;

		profile_make(&p, chance_profile(&p.arena, 1 + chance(8)));
		key = key_of(&p);
		CHECK(is_kept(&tree, &p, &key) || cache_keep(tree.root, &key, &p.program));
		CHECK(is_kept(&tree, &p, &key));
	}
}

/* -- keys ------------------------------------------------------------------------------------------------------------------------------ */

#define CALLS(rules) "'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" rules "]"
#define ARGS(args)   CALLS("{'names':['mkdir'],'action':'SCMP_ACT_ALLOW','args':[" args "]}")

/* No two of them have one key, not even where their programs are the same. */
TEST(each_part_of_a_profile_is_in_its_key)
{
	static const char *const members[] = {
		CALLS(""),
		"'defaultAction':'SCMP_ACT_KILL'",
		"'defaultAction':'SCMP_ACT_KILL_PROCESS'",
		"'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':0",
		"'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':5",
		"'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86']",
		"'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86','SCMP_ARCH_X32']",
		CALLS("{'names':['mkdir'],'action':'SCMP_ACT_ALLOW'}"),
		CALLS("{'names':['rmdir'],'action':'SCMP_ACT_ALLOW'}"),
		CALLS("{'names':['mkdir'],'action':'SCMP_ACT_KILL'}"),
		CALLS("{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':1}"),
		CALLS("{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':2}"),
		CALLS("{'names':['mkdir','rmdir'],'action':'SCMP_ACT_ALLOW'}"),
		CALLS("{'names':['rmdir','mkdir'],'action':'SCMP_ACT_ALLOW'}"),
		CALLS("{'names':['mkdir'],'action':'SCMP_ACT_ALLOW'},{'names':['rmdir'],'action':'SCMP_ACT_ALLOW'}"),
		CALLS("{'names':['mkdirrmdir'],'action':'SCMP_ACT_ALLOW'}"),
		ARGS("{'index':0,'op':'SCMP_CMP_EQ','value':1}"),
		ARGS("{'index':1,'op':'SCMP_CMP_EQ','value':1}"),
		ARGS("{'index':0,'op':'SCMP_CMP_NE','value':1}"),
		ARGS("{'index':0,'op':'SCMP_CMP_EQ','value':2}"),
		ARGS("{'index':0,'op':'SCMP_CMP_EQ','value':1,'valueTwo':1}"),
		ARGS("{'index':0,'op':'SCMP_CMP_EQ','value':1},{'index':1,'op':'SCMP_CMP_EQ','value':1}"),
		ARGS("{'index':1,'op':'SCMP_CMP_EQ','value':1},{'index':0,'op':'SCMP_CMP_EQ','value':1}"),
	};
	struct cache_key keys[ARRAY_SIZE(members)];

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		PROFILE(p);
		profile_parse(&p, members[i]);
		keys[i] = key_of(&p);
		CHECK_INT(strlen(keys[i].name), CACHE_NAME_SIZE - 1);
		for (size_t j = 0; j < i; j++)
			if (text_equal(keys[i].name, keys[j].name))
				check_fail(__FILE__, __LINE__, "%s and %s have one key", members[i], members[j]);
	}
}

/* Whoever it is that is asked. */
TEST(the_agent_is_not_in_the_key)
{
	PROFILE(p);
	PROFILE(q);

	profile_parse(&p, FIRST_PLAIN ",'listenerPath':'/run/one','listenerMetadata':'one'");
	profile_parse(&q, FIRST_PLAIN ",'listenerPath':'/run/two'");
	CHECK_TEXT(key_of(&p).name, key_of(&q).name);
}

TEST(how_it_is_loaded_and_who_made_it_is_in_the_key)
{
	unsigned char digest[CACHE_DIGEST_SIZE];
	char version[SECCOMP_VERSION_SIZE];
	struct cache_maker maker, other;
	struct cache_key keys[7];
	PROFILE(p);

	profile_parse(&p, FIRST_PLAIN);
	CHECK(cache_maker(&maker, version));
	cache_key(&p.plan, &maker, &keys[0]);
	p.plan.flags = SECCOMP_FILTER_FLAG_LOG;
	cache_key(&p.plan, &maker, &keys[1]);
	p.plan.flags = 0;
	p.plan.notify = true;
	cache_key(&p.plan, &maker, &keys[2]);
	p.plan.notify = false;
	other = maker;
	other.library = "99.0.0";
	cache_key(&p.plan, &other, &keys[3]);
	other = maker;
	other.native++;
	cache_key(&p.plan, &other, &keys[4]);
	other = maker;
	memcpy(digest, maker.digest, sizeof(digest));
	digest[63] ^= 1;
	other.digest = digest;
	cache_key(&p.plan, &other, &keys[5]);
	cache_key(&p.plan, &maker, &keys[6]);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(!text_equal(keys[i].name, keys[j].name));
	CHECK_TEXT(keys[6].name, keys[0].name);
}

/* Taken by its name for another's: what another libseccomp or another orlop made, or of another profile. */
TEST(a_program_of_another_key_is_none_by_this_name)
{
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	KEPT(tree, q, other, SECOND_PLAIN);
	_cleanup_(fd_cleanup) int fd = directory_of(&tree);

	CHECK_INT(renameat(fd, other.name, fd, k.name), 0);
	CHECK(!is_kept(&tree, &p, &k));
	CHECK(!is_kept(&tree, &q, &other));
	CHECK(cache_keep(tree.root, &k, &p.program));
	CHECK(is_kept(&tree, &p, &k));
}

/* -- tampering ------------------------------------------------------------------------------------------------------------------------- */

static size_t file_read(int dir_fd, const char *name, unsigned char *to, size_t size)
{
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t length = read(fd, to, size);

	CHECK(length > HEAD_SIZE && (size_t)length < size);
	return (size_t)length;
}

TEST(each_bit_counts)
{
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	_cleanup_(fd_cleanup) int dir_fd = directory_of(&tree);
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, k.name, O_RDWR | O_CLOEXEC);
	unsigned char bytes[1024];
	size_t length = file_read(dir_fd, k.name, bytes, sizeof(bytes));

	CHECK_INT(length, HEAD_SIZE + p.program.filter.len * sizeof(struct sock_filter));
	CHECK(memcmp(bytes + HEAD_SIZE, p.program.filter.filter, length - HEAD_SIZE) == 0);
	for (size_t i = 0; i < 8 * length; i++) {
		unsigned char changed = (unsigned char)(bytes[i / 8] ^ 1U << i % 8);

		CHECK_INT(pwrite(fd, &changed, 1, (off_t)i / 8), 1);
		if (is_kept(&tree, &p, &k))
			check_fail(__FILE__, __LINE__, "bit %zu does not count", i);
		CHECK_INT(pwrite(fd, &bytes[i / 8], 1, (off_t)i / 8), 1);
	}
	CHECK(is_kept(&tree, &p, &k));
}

TEST(each_length_but_its_own_is_wrong)
{
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	_cleanup_(fd_cleanup) int dir_fd = directory_of(&tree);
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, k.name, O_RDWR | O_CLOEXEC);
	unsigned char bytes[1024];
	size_t length = file_read(dir_fd, k.name, bytes, sizeof(bytes));

	for (size_t i = 0; i < length; i++) {
		CHECK_INT(ftruncate(fd, (off_t)i), 0);
		CHECK(!is_kept(&tree, &p, &k));
		CHECK_INT(pwrite(fd, bytes, length, 0), length);
	}
	CHECK(is_kept(&tree, &p, &k));
	CHECK_INT(ftruncate(fd, (off_t)length + 8), 0);
	CHECK(!is_kept(&tree, &p, &k));
	CHECK_INT(ftruncate(fd, 1 << 30), 0);
	CHECK(!is_kept(&tree, &p, &k));
}

static void version_raise(int dir_fd, const char *name)
{
	_cleanup_(fd_cleanup) int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC);
	uint32_t version = 2;

	CHECK_INT(pwrite(fd, &version, sizeof(version), VERSION_AT), sizeof(version));
}

static void become_empty(int dir_fd, const char *name)
{
	fd_close(openat(dir_fd, name, O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static void become_symlink(int dir_fd, const char *name)
{
	CHECK_INT(renameat(dir_fd, name, dir_fd, "other"), 0);
	CHECK_INT(symlinkat("other", dir_fd, name), 0);
}

static void become_hard_link(int dir_fd, const char *name)
{
	CHECK_INT(linkat(dir_fd, name, dir_fd, "other", 0), 0);
}

static void become_fifo(int dir_fd, const char *name)
{
	CHECK_INT(unlinkat(dir_fd, name, 0), 0);
	CHECK_INT(mkfifoat(dir_fd, name, 0600), 0);
}

static void become_socket(int dir_fd, const char *name)
{
	CHECK_INT(unlinkat(dir_fd, name, 0), 0);
	CHECK_INT(mknodat(dir_fd, name, S_IFSOCK | 0600, 0), 0);
}

static void become_directory(int dir_fd, const char *name)
{
	CHECK_INT(unlinkat(dir_fd, name, 0), 0);
	CHECK_INT(mkdirat(dir_fd, name, 0600), 0);
}

static void become_writable(int dir_fd, const char *name)
{
	CHECK_INT(fchmodat(dir_fd, name, 0620, 0), 0);
}

static void become_set_uid(int dir_fd, const char *name)
{
	CHECK_INT(fchmodat(dir_fd, name, 04600, 0), 0);
}

static void become_nobodys(int dir_fd, const char *name)
{
	/* Who is not root cannot give it away: one thing that is wrong is as good as another. */
	if (fchownat(dir_fd, name, NOBODY, NOBODY, 0) < 0)
		become_writable(dir_fd, name);
}

TEST(a_file_that_is_not_as_it_was_kept_is_ignored_and_replaced)
{
	static void (*const ways[])(int dir_fd, const char *name) = {
		version_raise, become_empty,     become_symlink,  become_hard_link, become_fifo,
		become_socket, become_directory, become_writable, become_set_uid,   become_nobodys,
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		TREE(tree);
		KEPT(tree, p, k, FIRST_PLAIN);
		_cleanup_(fd_cleanup) int fd = directory_of(&tree);

		ways[i](fd, k.name);
		if (is_kept(&tree, &p, &k))
			check_fail(__FILE__, __LINE__, "way %zu is not seen", i);
		CHECK(cache_keep(tree.root, &k, &p.program));
		CHECK(is_kept(&tree, &p, &k));
	}
}

/* What a link names is neither read nor written. */
TEST(what_a_link_names_stays_as_it_is)
{
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	_cleanup_(fd_cleanup) int fd = directory_of(&tree);
	struct stat st;

	CHECK_INT(unlinkat(fd, k.name, 0), 0);
	CHECK_INT(symlinkat("../../outside/secret", fd, k.name), 0);
	CHECK(!is_kept(&tree, &p, &k));
	CHECK(cache_keep(tree.root, &k, &p.program));
	CHECK_INT(fstatat(tree.fd, "outside/secret", &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_INT(st.st_size, 6);
	CHECK_INT(fstatat(fd, k.name, &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK(S_ISREG(st.st_mode));
}

TEST(a_directory_with_something_in_it_stays_in_the_way)
{
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	_cleanup_(fd_cleanup) int fd = directory_of(&tree), below = FD_NONE;

	become_directory(fd, k.name);
	CHECK_INT(fchmodat(fd, k.name, 0700, 0), 0);
	below = openat(fd, k.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_file_make(below, "something", "");
	CHECK(!is_kept(&tree, &p, &k));
	CHECK(!cache_keep(tree.root, &k, &p.program));
	CHECK_INT(faccessat(below, "something", F_OK, 0), 0);
	/* Nor is anything left beside it. */
	CHECK_INT(file_count(&tree), 1);
}

/* -- the directory --------------------------------------------------------------------------------------------------------------------- */

static void directory_opens(int root_fd)
{
	CHECK_INT(fchmodat(root_fd, CACHE_DIRECTORY, 0770, 0), 0);
}

static void directory_opens_wide(int root_fd)
{
	CHECK_INT(fchmodat(root_fd, CACHE_DIRECTORY, 01777, 0), 0);
}

static void directory_is_nobodys(int root_fd)
{
	if (fchownat(root_fd, CACHE_DIRECTORY, NOBODY, NOBODY, 0) < 0)
		directory_opens(root_fd);
}

static void directory_is_link(int root_fd)
{
	CHECK_INT(renameat(root_fd, CACHE_DIRECTORY, root_fd, "elsewhere"), 0);
	CHECK_INT(symlinkat("elsewhere", root_fd, CACHE_DIRECTORY), 0);
}

static void directory_is_file(int root_fd)
{
	CHECK_INT(renameat(root_fd, CACHE_DIRECTORY, root_fd, "elsewhere"), 0);
	tree_file_make(root_fd, CACHE_DIRECTORY, "file");
}

TEST(a_directory_that_others_may_change_is_no_cache)
{
	static void (*const ways[])(int root_fd) = { directory_opens, directory_opens_wide, directory_is_nobodys,
						     directory_is_link, directory_is_file };

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		TREE(tree);
		KEPT(tree, p, k, FIRST_PLAIN);
		_cleanup_(fd_cleanup) int fd = directory_of(&tree);

		ways[i](tree.root);
		if (is_kept(&tree, &p, &k))
			check_fail(__FILE__, __LINE__, "way %zu is not seen", i);
		CHECK_INT(unlinkat(fd, k.name, 0), 0);
		CHECK(!cache_keep(tree.root, &k, &p.program));
		CHECK_INT(faccessat(fd, k.name, F_OK, 0), -1);
	}
}

TEST(directory_and_files_are_the_callers_alone)
{
	mode_t saved = umask(0);
	struct stat st;
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	_cleanup_(fd_cleanup) int fd = directory_of(&tree);

	umask(saved);
	CHECK_INT(fstat(fd, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0700);
	CHECK_INT(fstatat(fd, k.name, &st, 0), 0);
	CHECK_INT(st.st_mode & 07777, 0600);
}

TEST(an_empty_state_directory_has_none_and_one_that_is_gone_takes_none)
{
	TREE(tree);
	PROFILE(p);
	struct cache_key key;

	profile_make(&p, FIRST_PLAIN);
	key = key_of(&p);
	CHECK(!is_kept(&tree, &p, &key));
	CHECK_INT(faccessat(tree.root, CACHE_DIRECTORY, F_OK, 0), -1);
	CHECK(!cache_keep(FD_NONE, &key, &p.program));
	CHECK(!cache_find(FD_NONE, &key, &p.arena, &p.program));
}

/* -- many ------------------------------------------------------------------------------------------------------------------------------ */

static const char *members_of(struct profile *profile, int number)
{
	return arena_printf(&profile->arena,
			    "'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_ERRNO',"
			    "'errnoRet':%d}]",
			    number);
}

/* Each a second older than the next, and now, so that their order does not hang on the clock's steps. */
static void age_set(const struct tree *tree, const struct cache_key *key, int seconds)
{
	_cleanup_(fd_cleanup) int fd = directory_of(tree);
	const struct timespec times[2] = { { .tv_sec = 1000 + seconds }, { .tv_sec = 1000 + seconds } };

	CHECK_INT(utimensat(fd, key->name, times, 0), 0);
}

TEST(two_hundred_profiles_leave_the_newest)
{
	TREE(tree);
	PROFILE(all);

	for (int i = 0; i < 200; i++) {
		KEPT(tree, p, k, members_of(&all, i));
		age_set(&tree, &k, i);
	}
	CHECK_INT(file_count(&tree), CACHE_FILES_MAX);
	for (int i = 0; i < 200; i++) {
		PROFILE(p);
		struct cache_key key;

		profile_make(&p, members_of(&p, i));
		key = key_of(&p);
		CHECK_INT(is_kept(&tree, &p, &key), i >= 200 - CACHE_FILES_MAX);
	}
}

/* Whatever has come in there: the first that is kept makes it small again. */
TEST(what_others_left_is_cleared_away)
{
	TREE(tree);
	KEPT(tree, p, k, FIRST_PLAIN);
	_cleanup_(fd_cleanup) int fd = directory_of(&tree);

	for (int i = 0; i < 300; i++) {
		char name[32];

		CHECK(snprintf(name, sizeof(name), i % 2 ? "left-%d" : "tmp-%d", i) > 0);
		tree_file_make(fd, name, "");
	}
	age_set(&tree, &k, 0);
	KEPT(tree, q, other, SECOND_PLAIN);
	CHECK_INT(file_count(&tree), CACHE_FILES_MAX);
	CHECK(!is_kept(&tree, &p, &k));
}

#define WRITERS       20
#define WRITER_ROUNDS 30

/* Never returns. Any program that is found must be whole and the profile's. */
static void writer_run(const struct tree *tree, struct profile *const *profiles, int number)
{
	alarm(60);
	for (int i = 0; i < WRITER_ROUNDS; i++) {
		struct profile *profile = profiles[(number + i) % 4];
		struct cache_key key = key_of(profile);
		struct seccomp_program program;

		if (cache_find(tree->root, &key, &profile->arena, &program) &&
		    !programs_are_equal(&program, &profile->program))
			_exit(2);
		if (!cache_keep(tree->root, &key, &profile->program))
			_exit(3);
	}
	_exit(0);
}

TEST(twenty_writers_at_once)
{
	TREE(tree);
	PROFILE(a);
	PROFILE(b);
	PROFILE(c);
	PROFILE(d);
	pid_t pids[WRITERS];
	struct profile *const profiles[] = { &a, &b, &c, &d };

	profile_make(&a, FIRST_PLAIN);
	profile_make(&b, SECOND_PLAIN);
	profile_make(&c, members_of(&c, 7));
	profile_read(&d, "docker-default.json");
	CHECK_INT(profile_compile(&d), 0);
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		CHECK(pids[i] >= 0);
		if (pids[i] == 0)
			writer_run(&tree, profiles, i);
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		CHECK_INT(waitpid(pids[i], &status, 0), pids[i]);
		CHECK_INT(status, 0);
	}
	for (int i = 0; i < 4; i++) {
		struct cache_key key = key_of(profiles[i]);

		CHECK(is_kept(&tree, profiles[i], &key));
	}
	CHECK_INT(file_count(&tree), 4);
}
