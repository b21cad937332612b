/* Linker script of the loader, which lies where the processor starts. */
#include "layout.h"

MEMORY
{
    CODE (rx) : ORIGIN = LAYOUT_ROM_BASE, LENGTH = 64K
    RAM (rwx) : ORIGIN = LAYOUT_RAM_BASE + LAYOUT_NOTE_SIZE, LENGTH = LAYOUT_RAM_SIZE - LAYOUT_NOTE_SIZE
}

ENTRY(boot_reset)

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
        boot_data_from = .;
        *(.data .data.*)
        . = ALIGN(8);
        boot_data_to = .;
    } >RAM AT >CODE
    boot_data_load = LOADADDR(.data);

    .bss (NOLOAD) : ALIGN(8)
    {
        boot_bss_from = .;
        *(.bss .bss.* COMMON)
        . = ALIGN(8);
        boot_bss_to = .;
    } >RAM

    boot_stack_top = ORIGIN(RAM) + LENGTH(RAM);
    ASSERT(boot_bss_to + 0x2000 <= boot_stack_top, "data and stack overlap")

    /DISCARD/ : { *(.ARM.attributes.*) *(.comment) }
}
