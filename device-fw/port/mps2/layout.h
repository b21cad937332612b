/* Where things lie on the mps2-an386: memories, areas of the flash. Read by C and linker scripts.
 */
#ifndef BPTM_LAYOUT_H
#define BPTM_LAYOUT_H

/* Memories of the machine. */
#define LAYOUT_ROM_BASE   0x00000000 /* the loader, or an image without one */
#define LAYOUT_ROM_SIZE   0x00400000
#define LAYOUT_RAM_BASE   0x20000000
#define LAYOUT_RAM_SIZE   0x00020000 /* 128 KiB of the 4 MiB, as a real part would have */
#define LAYOUT_FLASH_BASE 0x21000000 /* a file of the host; survives the power cut */
#define LAYOUT_FLASH_SIZE 0x01000000

/* The first bytes of the RAM are left alone by start-up code: they say why a reset came. */
#define LAYOUT_NOTE_BASE LAYOUT_RAM_BASE
#define LAYOUT_NOTE_SIZE 0x20

/* What an image of this machine says it is for. */
#define LAYOUT_HARDWARE "bptm-mps2-an386"

/* The flash: offsets from its base. */
#define LAYOUT_SECTOR        0x1000
#define LAYOUT_SETTINGS      0x00000000
#define LAYOUT_SETTINGS_LEN  0x2000
#define LAYOUT_BOOT_LOG      0x00002000
#define LAYOUT_BOOT_LOG_LEN  0x2000
#define LAYOUT_UPDATE        0x00004000 /* progress of an update */
#define LAYOUT_UPDATE_LEN    0x1000
#define LAYOUT_JOURNAL       0x00010000
#define LAYOUT_JOURNAL_LEN   0x00080000 /* reserved; the journal takes as much as it can use */
#define LAYOUT_SLOT_A        0x00100000
#define LAYOUT_SLOT_B        0x00180000
#define LAYOUT_SLOT_LEN      0x00080000
#define LAYOUT_SLOT_MANIFEST 0x400 /* at the start of a slot; the image is linked behind it */

#endif
