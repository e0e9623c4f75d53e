// Lets Debian's static archives, built for executables, be part of a shared object:
//  - libelf's elf_error.o keeps its state in local-exec TLS, which a shared object cannot have; with its three symbols
//    here that member is never linked
//  - libbpf.o reads `stderr` relative to the program counter: --wrap=stderr gives it a copy inside this object
//  - Debian 13's libelf.a wants two functions of a helper library that no package has as an archive. They keep a tree of
//    raw chunks, which nothing here reads: it stays empty
//  - symbols that glibc or libstdc++ have only in newer releases than Node asks for are here in small, so that what is
//    built on one Debian loads on the one before and on RHEL 8: fstat (--wrap), strerrorname_np, __libc_single_threaded,
//    __throw_bad_array_new_length. `npm run package` refuses an addon that asks for more than glibc 2.28
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

// always read by counted pointers to choose a cheaper way: false is right whatever the threads
char __libc_single_threaded;

__attribute__((noreturn)) void bad_array_new_length(void) __asm__("_ZSt28__throw_bad_array_new_lengthv");
void bad_array_new_length(void)
{
	abort();
}

#define NAME(error) [error] = #error
static const char *const errno_names[] = {
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG), NAME(ENOEXEC),
	NAME(EBADF), NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES), NAME(EFAULT), NAME(ENOTBLK), NAME(EBUSY),
	NAME(EEXIST), NAME(EXDEV), NAME(ENODEV), NAME(ENOTDIR), NAME(EISDIR), NAME(EINVAL), NAME(ENFILE),
	NAME(EMFILE), NAME(ENOTTY), NAME(ETXTBSY), NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK),
	NAME(EPIPE), NAME(EDOM), NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOLCK), NAME(ENOSYS),
	NAME(ENOTEMPTY), NAME(ELOOP), NAME(ENOMSG), NAME(EIDRM), NAME(ECHRNG), NAME(EL2NSYNC), NAME(EL3HLT),
	NAME(EL3RST), NAME(ELNRNG), NAME(EUNATCH), NAME(ENOCSI), NAME(EL2HLT), NAME(EBADE), NAME(EBADR), NAME(EXFULL),
	NAME(ENOANO), NAME(EBADRQC), NAME(EBADSLT), NAME(EBFONT), NAME(ENOSTR), NAME(ENODATA), NAME(ETIME),
	NAME(ENOSR), NAME(ENONET), NAME(ENOPKG), NAME(EREMOTE), NAME(ENOLINK), NAME(EADV), NAME(ESRMNT), NAME(ECOMM),
	NAME(EPROTO), NAME(EMULTIHOP), NAME(EDOTDOT), NAME(EBADMSG), NAME(EOVERFLOW), NAME(ENOTUNIQ), NAME(EBADFD),
	NAME(EREMCHG), NAME(ELIBACC), NAME(ELIBBAD), NAME(ELIBSCN), NAME(ELIBMAX), NAME(ELIBEXEC), NAME(EILSEQ),
	NAME(ERESTART), NAME(ESTRPIPE), NAME(EUSERS), NAME(ENOTSOCK), NAME(EDESTADDRREQ), NAME(EMSGSIZE),
	NAME(EPROTOTYPE), NAME(ENOPROTOOPT), NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP),
	NAME(EPFNOSUPPORT), NAME(EAFNOSUPPORT), NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(ENETDOWN),
	NAME(ENETUNREACH), NAME(ENETRESET), NAME(ECONNABORTED), NAME(ECONNRESET), NAME(ENOBUFS), NAME(EISCONN),
	NAME(ENOTCONN), NAME(ESHUTDOWN), NAME(ETOOMANYREFS), NAME(ETIMEDOUT), NAME(ECONNREFUSED), NAME(EHOSTDOWN),
	NAME(EHOSTUNREACH), NAME(EALREADY), NAME(EINPROGRESS), NAME(ESTALE), NAME(EUCLEAN), NAME(ENOTNAM),
	NAME(ENAVAIL), NAME(EISNAM), NAME(EREMOTEIO), NAME(EDQUOT), NAME(ENOMEDIUM), NAME(EMEDIUMTYPE),
	NAME(ECANCELED), NAME(ENOKEY), NAME(EKEYEXPIRED), NAME(EKEYREVOKED), NAME(EKEYREJECTED), NAME(EOWNERDEAD),
	NAME(ENOTRECOVERABLE), NAME(ERFKILL), NAME(EHWPOISON),
};

const char *strerrorname_np(int error)
{
	return error >= 0 && error < (int)(sizeof errno_names / sizeof *errno_names) ? errno_names[error] : NULL;
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
