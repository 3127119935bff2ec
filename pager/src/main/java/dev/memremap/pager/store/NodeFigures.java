// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a node of a store has done since the store was opened, for metrics: {@link PageStore#nodes}.
 * No figure ever falls.
 *
 * @param node its name, as in {@link StoreFact#node}
 * @param pagesRead how many pages it gave
 * @param bytesRead how many bytes these have
 * @param pagesWritten how many pages it took; one that was written twice counts twice
 * @param bytesWritten how many bytes these have
 * @param refusals how often it refused what it was asked for, or did not answer; what is asked
 *     again counts again
 * @param outages how often that was given up
 * @param readNanos how long it took to give pages, all together
 * @param longestReadNanos how long that took at most
 * @param writeNanos how long it took to take pages, all together; what is written at the same time
 *     counts each
 * @param longestWriteNanos how long that took at most
 */
public record NodeFigures(
    String node,
    long pagesRead,
    long bytesRead,
    long pagesWritten,
    long bytesWritten,
    long refusals,
    long outages,
    long readNanos,
    long longestReadNanos,
    long writeNanos,
    long longestWriteNanos) {
  private static final String BETWEEN = "\t";
  private static final int PARTS = NodeFigures.class.getRecordComponents().length;

  /** Takes the name in one line: what breaks lines or columns becomes a space. */
  public NodeFigures {
    node = node.replaceAll("\\s", " ");
  }

  private String line() {
    StringBuilder line = new StringBuilder(node);
    LongStream.of(
            pagesRead,
            bytesRead,
            pagesWritten,
            bytesWritten,
            refusals,
            outages,
            readNanos,
            longestReadNanos,
            writeNanos,
            longestWriteNanos)
        .forEach(figure -> line.append(BETWEEN).append(figure));
    return line.toString();
  }

  /** Returns figures as text, of which {@link #read} makes them again. */
  public static String text(List<NodeFigures> all) {
    return String.join("\n", all.stream().map(NodeFigures::line).toList());
  }

  /** Reads figures; any other line is left out. */
  public static List<NodeFigures> read(String text) {
    List<NodeFigures> all = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] parts = line.split(BETWEEN, -1);
      if (parts.length == PARTS) {
        try {
          all.add(of(parts));
        } catch (NumberFormatException e) {
          // another line
        }
      }
    }
    return all;
  }

  private static NodeFigures of(String[] parts) {
    int at = 1;
    return new NodeFigures(
        parts[0],
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at++]),
        Long.parseLong(parts[at]));
  }
}
