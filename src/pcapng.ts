/** Numbers of pcapng: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html. */

/** The same in either byte order. */
export const SECTION_HEADER = 0x0a0d_0d0a
export const INTERFACE_DESCRIPTION = 1
/** The obsolete Packet Block. */
export const PACKET = 2
export const SIMPLE_PACKET = 3
export const NAME_RESOLUTION = 4
export const INTERFACE_STATISTICS = 5
export const ENHANCED_PACKET = 6
export const DECRYPTION_SECRETS = 10
/** A Custom Block that may be copied to another file, and one that may not, as it speaks of places in this one. */
export const CUSTOM = 0x0000_0bad
export const CUSTOM_BOUND = 0x4000_0bad

export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d

/** Bytes of an Enhanced Packet Block before its packet. */
export const PACKET_HEADER = 28

export const OPTION_END = 0
export const OPTION_COMMENT = 1
export const OPTION_INTERFACE_NAME = 2
export const OPTION_USER_APPLICATION = 4
export const OPTION_TIME_RESOLUTION = 9
export const OPTION_TIME_OFFSET = 14
/** opt_custom, a string that may be copied. */
export const OPTION_CUSTOM = 2988
