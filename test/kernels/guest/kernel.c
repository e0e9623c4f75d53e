// kernel NAME pages N | closed N | disk DEVICE N | files FOLDER N | hog N TIMES | bad DEVICE N | commands CONTROLLER N: under the name NAME, N first touches of
// a page, N datagrams to a port of this machine that nobody has, N writes of 4096 bytes past the page cache, N opens and reads of FOLDER/file, N pages that are written TIMES times one
// after the other, N reads of 4096 bytes past the page cache that all fail, or N commands to an
// NVMe controller itself (which tells who it is).
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int pages(int n)
{
	char *memory = mmap(0, (size_t)n * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, (size_t)n * 4096, MADV_NOHUGEPAGE))
		return 1;
	for (int i = 0; i < n; i++)
		((volatile char *)memory)[(size_t)i * 4096] = 1;
	return 0;
}

static int closed(int n)
{
	int from = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (int i = 0; i < n; i++)
		if (sendto(from, "x", 1, 0, (struct sockaddr *)&to, sizeof to) != 1)
			return 1;
	return 0;
}

static int disk(const char *device, int n)
{
	int file = open(device, O_WRONLY | O_DIRECT);
	char *block = aligned_alloc(4096, 4096);

	if (file < 0 || !block)
		return 1;
	memset(block, 7, 4096);
	for (int i = 0; i < n; i++)
		if (pwrite(file, block, 4096, (off_t)i * 4096) != 4096)
			return 1;
	return 0;
}

static int files(const char *folder, int n)
{
	char path[256], byte[1];

	snprintf(path, sizeof path, "%s/file", folder);
	for (int i = 0; i < n; i++) {
		int file = open(path, O_RDONLY);

		if (file < 0 || read(file, byte, 1) != 1)
			return 1;
		close(file);
	}
	return 0;
}

static int hog(int n, int times)
{
	char *memory = mmap(0, (size_t)n * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, (size_t)n * 4096, MADV_NOHUGEPAGE))
		return 1;
	while (times-- > 0)
		for (int i = 0; i < n; i++)
			((volatile int *)memory)[(size_t)i * 1024] += i + 1;
	return 0;
}

static int bad(const char *device, int n)
{
	int file = open(device, O_RDONLY | O_DIRECT);
	char *block = aligned_alloc(4096, 4096);

	if (file < 0 || !block)
		return 1;
	for (int i = 0; i < n; i++)
		if (pread(file, block, 4096, (off_t)i * 4096) != -1)
			return 1;
	return 0;
}

static int commands(const char *controller, int n)
{
	int file = open(controller, O_RDONLY);
	char *answer = aligned_alloc(4096, 4096);
	struct nvme_admin_cmd identify = {.opcode = 6, .addr = (uintptr_t)answer, .data_len = 4096, .cdw10 = 1};

	if (file < 0 || !answer)
		return 1;
	for (int i = 0; i < n; i++)
		if (ioctl(file, NVME_IOCTL_ADMIN_CMD, &identify) != 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	prctl(PR_SET_NAME, argv[1]);
	if (!strcmp(argv[2], "pages"))
		return pages(atoi(argv[3]));
	if (!strcmp(argv[2], "closed"))
		return closed(atoi(argv[3]));
	if (argc < 5)
		return 2;
	if (!strcmp(argv[2], "hog"))
		return hog(atoi(argv[3]), atoi(argv[4]));
	if (!strcmp(argv[2], "bad"))
		return bad(argv[3], atoi(argv[4]));
	if (!strcmp(argv[2], "commands"))
		return commands(argv[3], atoi(argv[4]));
	return !strcmp(argv[2], "disk") ? disk(argv[3], atoi(argv[4])) : files(argv[3], atoi(argv[4]));
}
