/*
 * ATmega2560 with a crystal of 16 MHz, as on an Arduino Mega 2560: serial port 0 at 115200 baud, a clock of timer 0.
 * Registers: ATmega640/1280/1281/2560/2561 datasheet, Microchip, chapters 16 (timer 0) and 22 (USART).
 */
#include "../port.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <util/atomic.h>

#define CLOCK_HZ 16000000ul
#define BAUD 115200ul

/* At double speed, a bit takes 8 * (UBRR + 1) clocks: 117,647 baud, 2.1% too fast, which a receiver still takes. */
#define BAUD_DIVIDER ((CLOCK_HZ + 4 * BAUD) / (8 * BAUD) - 1)

/* Timer 0 counts every 64th clock; 250 of them are a millisecond. */
#define TICKS_OF_A_MILLISECOND (CLOCK_HZ / 64 / 1000)

static volatile uint32_t milliseconds_since_start;

ISR(TIMER0_COMPA_vect) {
    milliseconds_since_start++;
}

void flashlm_port_start(void) {
    UBRR0 = (uint16_t)BAUD_DIVIDER;
    UCSR0A = _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00); /* 8 bits, no parity, 1 stop bit */
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    TCCR0A = _BV(WGM01); /* back to 0 after OCR0A */
    TCCR0B = _BV(CS01) | _BV(CS00);
    OCR0A = (uint8_t)(TICKS_OF_A_MILLISECOND - 1);
    TIMSK0 = _BV(OCIE0A);
    sei();
}

void flashlm_port_put(uint8_t byte) {
    while ((UCSR0A & _BV(UDRE0)) == 0) {
    }
    UDR0 = byte;
}

int flashlm_port_get(void) {
    while ((UCSR0A & _BV(RXC0)) == 0) {
    }
    return UDR0;
}

int flashlm_port_milliseconds(uint32_t *milliseconds) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
        *milliseconds = milliseconds_since_start;
    }
    return 1;
}

void flashlm_port_rest(void) {}

/* Nothing can wake the chip that sleeps with its interrupts off; an emulator takes it for the end of the program. */
void flashlm_port_end(void) {
    while ((UCSR0A & _BV(UDRE0)) == 0) {
    }
    cli();
    sleep_enable();
    sleep_cpu();
}
