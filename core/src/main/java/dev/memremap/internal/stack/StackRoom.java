// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.stack;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes sure that a step which changes more than one thing has the stack it needs, before it
 * changes the first: a StackOverflowError comes here, where nothing is half done, and not in the
 * middle.
 *
 * <p>Thread safety: what is written to {@code VALUES} has no meaning, so races on it do no harm.
 */
public interface StackRoom {
  // A Java program can touch the stack only by calling. Calls with small frames would need a
  // thousand of them for 32 KiB, which is a microsecond. So a frame has to be large, and cheap.
  // Interpreted and by C1, a frame has room for all local variables, whichever are used. C2 gives
  // it room for what is live across a call, wherever in the method the call is: the branch that
  // loads 256 numbers, calls, and adds them up, makes every frame 2 KiB larger, and is taken by one
  // frame of one touch in 32. It must be taken now and then, or C2 would leave it out; so chance
  // decides. A touch then costs 30 ns compiled, and 3 us interpreted.
  // The method is too large for C2 to put it into its caller.
  // It is an interface for it has neither state nor instances.

  /**
   * Touches 32 KiB of the stack.
   *
   * @throws StackOverflowError if there is less; call this before the first change
   */
  static void touch() {
    int loadAt = ThreadLocalRandom.current().nextInt(Frames.COUNT * Frames.RARELY);
    deeper(Frames.COUNT, loadAt, Frames.VALUES);
  }

  /**
   * Touches 64 KiB of the stack: for an operation whose sub-steps each call {@link #touch()} and
   * which must not fail between them.
   *
   * @throws StackOverflowError if there is less; call this before the first change
   */
  static void touchTwice() {
    int loadAt = ThreadLocalRandom.current().nextInt(2 * Frames.COUNT * Frames.RARELY);
    deeper(2 * Frames.COUNT, loadAt, Frames.VALUES);
  }

  /**
   * Touches 6 KiB of the stack: for a step that ends in a few calls and runs no code of a user.
   *
   * @throws StackOverflowError if there is less; call this before the first change
   */
  static void touchSome() {
    int loadAt = ThreadLocalRandom.current().nextInt(Frames.SOME * Frames.RARELY);
    deeper(Frames.SOME, loadAt, Frames.VALUES);
  }

  /** How much is touched, and what the large frames hold. */
  final class Frames {
    private static final int COUNT = 15;

    private static final int SOME = 2;

    /** One touch of so many takes the branch. */
    private static final int RARELY = 32;

    private static final long[] VALUES = new long[256];

    private Frames() {}
  }

  private static void deeper(int left, int loadAt, long[] v) {
    if (left == loadAt) {
      long a0 = v[0], a1 = v[1], a2 = v[2], a3 = v[3];
      long a4 = v[4], a5 = v[5], a6 = v[6], a7 = v[7];
      long a8 = v[8], a9 = v[9], a10 = v[10], a11 = v[11];
      long a12 = v[12], a13 = v[13], a14 = v[14], a15 = v[15];
      long a16 = v[16], a17 = v[17], a18 = v[18], a19 = v[19];
      long a20 = v[20], a21 = v[21], a22 = v[22], a23 = v[23];
      long a24 = v[24], a25 = v[25], a26 = v[26], a27 = v[27];
      long a28 = v[28], a29 = v[29], a30 = v[30], a31 = v[31];
      long a32 = v[32], a33 = v[33], a34 = v[34], a35 = v[35];
      long a36 = v[36], a37 = v[37], a38 = v[38], a39 = v[39];
      long a40 = v[40], a41 = v[41], a42 = v[42], a43 = v[43];
      long a44 = v[44], a45 = v[45], a46 = v[46], a47 = v[47];
      long a48 = v[48], a49 = v[49], a50 = v[50], a51 = v[51];
      long a52 = v[52], a53 = v[53], a54 = v[54], a55 = v[55];
      long a56 = v[56], a57 = v[57], a58 = v[58], a59 = v[59];
      long a60 = v[60], a61 = v[61], a62 = v[62], a63 = v[63];
      long a64 = v[64], a65 = v[65], a66 = v[66], a67 = v[67];
      long a68 = v[68], a69 = v[69], a70 = v[70], a71 = v[71];
      long a72 = v[72], a73 = v[73], a74 = v[74], a75 = v[75];
      long a76 = v[76], a77 = v[77], a78 = v[78], a79 = v[79];
      long a80 = v[80], a81 = v[81], a82 = v[82], a83 = v[83];
      long a84 = v[84], a85 = v[85], a86 = v[86], a87 = v[87];
      long a88 = v[88], a89 = v[89], a90 = v[90], a91 = v[91];
      long a92 = v[92], a93 = v[93], a94 = v[94], a95 = v[95];
      long a96 = v[96], a97 = v[97], a98 = v[98], a99 = v[99];
      long a100 = v[100], a101 = v[101], a102 = v[102], a103 = v[103];
      long a104 = v[104], a105 = v[105], a106 = v[106], a107 = v[107];
      long a108 = v[108], a109 = v[109], a110 = v[110], a111 = v[111];
      long a112 = v[112], a113 = v[113], a114 = v[114], a115 = v[115];
      long a116 = v[116], a117 = v[117], a118 = v[118], a119 = v[119];
      long a120 = v[120], a121 = v[121], a122 = v[122], a123 = v[123];
      long a124 = v[124], a125 = v[125], a126 = v[126], a127 = v[127];
      long a128 = v[128], a129 = v[129], a130 = v[130], a131 = v[131];
      long a132 = v[132], a133 = v[133], a134 = v[134], a135 = v[135];
      long a136 = v[136], a137 = v[137], a138 = v[138], a139 = v[139];
      long a140 = v[140], a141 = v[141], a142 = v[142], a143 = v[143];
      long a144 = v[144], a145 = v[145], a146 = v[146], a147 = v[147];
      long a148 = v[148], a149 = v[149], a150 = v[150], a151 = v[151];
      long a152 = v[152], a153 = v[153], a154 = v[154], a155 = v[155];
      long a156 = v[156], a157 = v[157], a158 = v[158], a159 = v[159];
      long a160 = v[160], a161 = v[161], a162 = v[162], a163 = v[163];
      long a164 = v[164], a165 = v[165], a166 = v[166], a167 = v[167];
      long a168 = v[168], a169 = v[169], a170 = v[170], a171 = v[171];
      long a172 = v[172], a173 = v[173], a174 = v[174], a175 = v[175];
      long a176 = v[176], a177 = v[177], a178 = v[178], a179 = v[179];
      long a180 = v[180], a181 = v[181], a182 = v[182], a183 = v[183];
      long a184 = v[184], a185 = v[185], a186 = v[186], a187 = v[187];
      long a188 = v[188], a189 = v[189], a190 = v[190], a191 = v[191];
      long a192 = v[192], a193 = v[193], a194 = v[194], a195 = v[195];
      long a196 = v[196], a197 = v[197], a198 = v[198], a199 = v[199];
      long a200 = v[200], a201 = v[201], a202 = v[202], a203 = v[203];
      long a204 = v[204], a205 = v[205], a206 = v[206], a207 = v[207];
      long a208 = v[208], a209 = v[209], a210 = v[210], a211 = v[211];
      long a212 = v[212], a213 = v[213], a214 = v[214], a215 = v[215];
      long a216 = v[216], a217 = v[217], a218 = v[218], a219 = v[219];
      long a220 = v[220], a221 = v[221], a222 = v[222], a223 = v[223];
      long a224 = v[224], a225 = v[225], a226 = v[226], a227 = v[227];
      long a228 = v[228], a229 = v[229], a230 = v[230], a231 = v[231];
      long a232 = v[232], a233 = v[233], a234 = v[234], a235 = v[235];
      long a236 = v[236], a237 = v[237], a238 = v[238], a239 = v[239];
      long a240 = v[240], a241 = v[241], a242 = v[242], a243 = v[243];
      long a244 = v[244], a245 = v[245], a246 = v[246], a247 = v[247];
      long a248 = v[248], a249 = v[249], a250 = v[250], a251 = v[251];
      long a252 = v[252], a253 = v[253], a254 = v[254], a255 = v[255];
      deeper(left - 1, loadAt, v);
      v[0] = sum(a0, a1, a2, a3, a4, a5, a6, a7);
      v[8] = sum(a8, a9, a10, a11, a12, a13, a14, a15);
      v[16] = sum(a16, a17, a18, a19, a20, a21, a22, a23);
      v[24] = sum(a24, a25, a26, a27, a28, a29, a30, a31);
      v[32] = sum(a32, a33, a34, a35, a36, a37, a38, a39);
      v[40] = sum(a40, a41, a42, a43, a44, a45, a46, a47);
      v[48] = sum(a48, a49, a50, a51, a52, a53, a54, a55);
      v[56] = sum(a56, a57, a58, a59, a60, a61, a62, a63);
      v[64] = sum(a64, a65, a66, a67, a68, a69, a70, a71);
      v[72] = sum(a72, a73, a74, a75, a76, a77, a78, a79);
      v[80] = sum(a80, a81, a82, a83, a84, a85, a86, a87);
      v[88] = sum(a88, a89, a90, a91, a92, a93, a94, a95);
      v[96] = sum(a96, a97, a98, a99, a100, a101, a102, a103);
      v[104] = sum(a104, a105, a106, a107, a108, a109, a110, a111);
      v[112] = sum(a112, a113, a114, a115, a116, a117, a118, a119);
      v[120] = sum(a120, a121, a122, a123, a124, a125, a126, a127);
      v[128] = sum(a128, a129, a130, a131, a132, a133, a134, a135);
      v[136] = sum(a136, a137, a138, a139, a140, a141, a142, a143);
      v[144] = sum(a144, a145, a146, a147, a148, a149, a150, a151);
      v[152] = sum(a152, a153, a154, a155, a156, a157, a158, a159);
      v[160] = sum(a160, a161, a162, a163, a164, a165, a166, a167);
      v[168] = sum(a168, a169, a170, a171, a172, a173, a174, a175);
      v[176] = sum(a176, a177, a178, a179, a180, a181, a182, a183);
      v[184] = sum(a184, a185, a186, a187, a188, a189, a190, a191);
      v[192] = sum(a192, a193, a194, a195, a196, a197, a198, a199);
      v[200] = sum(a200, a201, a202, a203, a204, a205, a206, a207);
      v[208] = sum(a208, a209, a210, a211, a212, a213, a214, a215);
      v[216] = sum(a216, a217, a218, a219, a220, a221, a222, a223);
      v[224] = sum(a224, a225, a226, a227, a228, a229, a230, a231);
      v[232] = sum(a232, a233, a234, a235, a236, a237, a238, a239);
      v[240] = sum(a240, a241, a242, a243, a244, a245, a246, a247);
      v[248] = sum(a248, a249, a250, a251, a252, a253, a254, a255);
    } else if (left > 0) {
      deeper(left - 1, loadAt, v);
    }
  }

  private static long sum(long a, long b, long c, long d, long e, long f, long g, long h) {
    return a + b + c + d + e + f + g + h;
  }
}
