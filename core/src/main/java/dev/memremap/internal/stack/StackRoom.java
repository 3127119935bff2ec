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
public final class StackRoom {
  // A Java program can touch the stack only by calling. Calls with small frames would need a
  // thousand of them for 32 KiB, which is a microsecond. So a frame has to be large, and cheap.
  // Interpreted and by C1, a frame has room for all local variables, whichever are used. C2 gives
  // it room for what is live across a call, wherever in the method the call is: the branch that
  // loads 128 numbers, calls, and adds them up, makes every frame 1 KiB larger, and is taken by one
  // frame of one touch in eight. It must be taken now and then, or C2 would leave it out; so chance
  // decides.
  // The method is too large for C2 to put it into its caller.

  private static final int FRAMES = 34;

  /** One touch of so many takes the branch. */
  private static final int RARELY = 8;

  private static final long[] VALUES = new long[128];

  private StackRoom() {}

  /**
   * Touches 32 KiB of the stack.
   *
   * @throws StackOverflowError if there is less; call this before the first change
   */
  public static void touch() {
    deeper(FRAMES, ThreadLocalRandom.current().nextInt(FRAMES * RARELY), VALUES);
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
    } else if (left > 0) {
      deeper(left - 1, loadAt, v);
    }
  }

  private static long sum(long a, long b, long c, long d, long e, long f, long g, long h) {
    return a + b + c + d + e + f + g + h;
  }
}
