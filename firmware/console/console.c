#include "console.h"

#include "../core/model.h"
#include "../ports/port.h"
#include "commands.h"
#include "output.h"
#include "tell.h"

#define END_OF_TRANSMISSION 0x04

/* All memory of the program but the kernel's tables: one struct, so that its size is known when it is linked. */
static struct flashlm_console console;

static void print_prompt(void) {
    flashlm_print(FLASHLM_TEXT("> "));
}

/* error: image section ffn_in of block 3 is damaged; flash the model again. Or, where it lies apart from the program, at which
 * offset: perhaps it was never there. */
static void print_damage(void) {
    flashlm_print(FLASHLM_TEXT("error: image section "));
    flashlm_print(console.damage.section);
    if (console.damage.block >= 0) {
        flashlm_print(FLASHLM_TEXT(" of block "));
        flashlm_print_number((uint32_t)console.damage.block);
    }
#if defined(FLASHLM_IMAGE_OFFSET)
    flashlm_print(FLASHLM_TEXT(" is damaged, missing or another model's; write model.flm to flash at 0x"));
    flashlm_print_hexadecimal(FLASHLM_IMAGE_OFFSET);
#else
    flashlm_print(FLASHLM_TEXT(" is damaged; flash the model again."));
#endif
    flashlm_print_line_end();
}

static void print_banner(void) {
    flashlm_print(FLASHLM_TEXT("flashlm-mcu: " FLASHLM_NAME ", "));
    flashlm_print_number(FLASHLM_PARAMETERS);
    flashlm_print(FLASHLM_TEXT(" parameters, image "));
    flashlm_print_number(FLASHLM_IMAGE_BYTES);
    flashlm_print(FLASHLM_TEXT(" bytes, fingerprint "));
    flashlm_print_hexadecimal(FLASHLM_FINGERPRINT);
    flashlm_print_line_end();
}

static void answer_line(void) {
    if (console.line_bytes > FLASHLM_LONGEST_LINE) {
        flashlm_print(FLASHLM_TEXT("error: a line has at most 255 bytes; tell less at a time"));
        flashlm_print_line_end();
    } else if (console.line_bytes > 0 && console.line[0] == '/') {
        flashlm_command(&console);
    } else if (!console.image_is_whole) {
        print_damage();
    } else if (console.trace) {
        flashlm_tell_trace(&console);
    } else {
        flashlm_tell(&console);
    }
    console.line_bytes = 0;
    print_prompt();
}

void flashlm_console_start(void) {
    console.image = flashlm_image_start();
    console.image_is_whole = flashlm_image_check(console.image, &console.damage);
    console.settings.seed = 1;
    console.settings.thousandths = 800;
    console.settings.top_k = 40;
    console.settings.tokens = 256;
    print_banner();
    if (console.image_is_whole) {
        flashlm_print(FLASHLM_TEXT("Type the beginning of a story and press Enter; /help lists the commands."));
        flashlm_print_line_end();
    } else {
        print_damage();
    }
    print_prompt();
}

void flashlm_console_receive(uint8_t byte) {
    int ends_carriage_return = byte == '\n' && console.line_feed_is_ignored;
    console.line_feed_is_ignored = byte == '\r';
    if (ends_carriage_return) {
        return;
    }
    if (byte == '\r' || byte == '\n') {
        answer_line();
    } else if (byte == END_OF_TRANSMISSION && console.line_bytes == 0) {
        flashlm_port_end();
    } else if (console.line_bytes < FLASHLM_LONGEST_LINE) {
        console.line[console.line_bytes++] = byte;
    } else {
        console.line_bytes = FLASHLM_LONGEST_LINE + 1;
    }
}

void flashlm_console_run(void) {
    int byte;
    flashlm_console_start();
    while ((byte = flashlm_port_get()) >= 0) {
        flashlm_console_receive((uint8_t)byte);
    }
    flashlm_port_end();
}
