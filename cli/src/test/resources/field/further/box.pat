PAT memtype list:
PAT: [mem 0x00000000ccc00000-0x00000000ccd00000] write-back
PAT: [mem 0x00000000e0000000-0x00000000e0300000] write-combining
PAT: [mem 0x00000000fed00000-0x00000000fed01000] uncached-minus
