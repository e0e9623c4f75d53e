// curses FRAMES ROWS COLUMNS: paints frame after frame as a program on ncurses does, with all that it may use to save bytes. FRAMES is a file
// of cells, one after the other: the character's number, the colours of it and of its ground (-1: the terminal's own), 1 bold + 2 reversed
// + 4 underlined; each 4 bytes. What the terminal gets is what is measured; a BEL
// stands behind the first frame, and one behind the last. Then it waits to be ended.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cell { int code, front, ground, attributes; };

static struct { int front, ground; } pairs[256];
static int known = 1;

static short pair_of(int front, int ground)
{
	if (front < 0 && ground < 0)
		return 0;
	for (int i = 1; i < known; i++)
		if (pairs[i].front == front && pairs[i].ground == ground)
			return i;
	pairs[known].front = front;
	pairs[known].ground = ground;
	init_pair(known, front, ground);
	return known++;
}

int main(int argc, char **argv)
{
	int rows = argc > 3 ? atoi(argv[2]) : 0, columns = argc > 3 ? atoi(argv[3]) : 0;
	struct cell *cells = calloc(rows * columns + 1, sizeof *cells);
	FILE *file = argc > 3 ? fopen(argv[1], "rb") : NULL;

	setlocale(LC_ALL, "C.UTF-8");
	if (!file || !initscr())
		return 1;
	start_color();
	use_default_colors();
	curs_set(0);
	idlok(stdscr, TRUE);
	idcok(stdscr, TRUE);
	for (int frame = 0; fread(cells, sizeof *cells, rows * columns, file) == (size_t)(rows * columns); frame++) {
		for (int y = 0; y < rows; y++)
			for (int x = 0; x < columns; x++) {
				struct cell *from = &cells[y * columns + x];
				attr_t attributes = (from->attributes & 1 ? A_BOLD : 0) | (from->attributes & 2 ? A_REVERSE : 0) | (from->attributes & 4 ? A_UNDERLINE : 0);
				wchar_t text[2] = {from->code, 0};
				cchar_t shown;

				setcchar(&shown, text, attributes, pair_of(from->front, from->ground), NULL);
				mvadd_wch(y, x, &shown);
			}
		refresh();
		if (frame == 0)
			beep();
	}
	beep();
	getch();
	endwin();
	return 0;
}
