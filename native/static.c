// Lets Debian's static archives, built for executables, be part of a shared object:
//  - libelf's elf_error.o keeps its state in local-exec TLS, which a shared object cannot have; with its three symbols
//    here that member is never linked
//  - libbpf.o reads `stderr` relative to the program counter: --wrap=stderr gives it a copy inside this object
//  - Debian 13's libelf.a wants two functions of a helper library that no package has as an archive. They keep a tree of
//    raw chunks, which nothing here reads: it stays empty
//  - fstat is a symbol of glibc only since 2.33: --wrap=fstat keeps the floor at Node's own
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC visibility push(hidden)
static _Thread_local int last_error;

void __libelf_seterrno(int value)
{
	last_error = value;
}

int elf_errno(void)
{
	int value = last_error;

	last_error = 0;
	return value;
}

const char *elf_errmsg(int error)
{
	return error == 0 && last_error == 0 ? 0 : "not a valid ELF file";
}

void eu_search_tree_init(void *tree)
{
	(void)tree;
}

void eu_search_tree_fini(void *tree, void (*free_node)(void *))
{
	(void)tree, (void)free_node;
}

FILE *__wrap_stderr;

int __wrap_fstat(int fd, struct stat *result)
{
	return syscall(SYS_fstat, fd, result);
}
#pragma GCC visibility pop

extern FILE *__real_stderr;

__attribute__((constructor)) static void copy_stderr(void)
{
	__wrap_stderr = __real_stderr;
}
