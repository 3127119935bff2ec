// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

/** Adds to cells, and takes and puts a reference, until both are compiled. */
final class CountingProgram {
  private static final int ENOUGH = 60_000;

  private CountingProgram() {}

  /** Runs it. */
  public static void main(String[] args) {
    ThreadCells cells = ThreadCells.open(new HandshakeMembarrier());
    PercpuRef ref = PercpuRef.init();
    for (int i = 0; i < ENOUGH; i++) {
      cells.add(1, 1);
      cells.add(1, -1);
      ref.get();
      ref.put();
    }
    System.out.println("counted: " + ref.counting());
  }
}
