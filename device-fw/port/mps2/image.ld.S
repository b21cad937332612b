/* Linker script of an image; LINK_ADDR is where its vector table lies (see layout.h). */
#include "layout.h"

#define STACK_SIZE 0x4000

MEMORY
{
    CODE (rx) : ORIGIN = LINK_ADDR, LENGTH = LAYOUT_SLOT_LEN - LAYOUT_SLOT_MANIFEST
    RAM (rwx) : ORIGIN = LAYOUT_RAM_BASE + LAYOUT_NOTE_SIZE, LENGTH = LAYOUT_RAM_SIZE - LAYOUT_NOTE_SIZE
}

ENTRY(startup_reset)

SECTIONS
{
    .text :
    {
        KEEP(*(.vectors))
        *(.text .text.* .rodata .rodata.*)
        . = ALIGN(8);
    } >CODE

    .ARM.exidx : { *(.ARM.exidx*) } >CODE

    .data : ALIGN(8)
    {
        startup_data_from = .;
        *(.data .data.*)
        . = ALIGN(8);
        startup_data_to = .;
    } >RAM AT >CODE
    startup_data_load = LOADADDR(.data);

    .bss (NOLOAD) : ALIGN(8)
    {
        startup_bss_from = .;
        *(.bss .bss.* COMMON)
        . = ALIGN(8);
        startup_bss_to = .;
    } >RAM

    startup_stack_top = ORIGIN(RAM) + LENGTH(RAM);
    startup_stack_bottom = startup_stack_top - STACK_SIZE;
    ASSERT(startup_bss_to <= startup_stack_bottom, "data and stack overlap")

    /DISCARD/ : { *(.ARM.attributes.*) *(.comment) }
}
