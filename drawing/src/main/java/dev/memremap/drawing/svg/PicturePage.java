// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.svg;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A page in HTML that shows pictures of files beside it, one below the other. */
public final class PicturePage {
  private PicturePage() {}

  /**
   * A picture of the page.
   *
   * @param file its name, of plain letters
   * @param heading what it belongs to; pictures in a row that have the same have one heading
   * @param caption what it shows
   * @param note what is said in addition
   */
  public record Picture(String file, String heading, String caption, String note) {
    /** Checks the parts. */
    public Picture {
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(heading, "heading");
      Objects.requireNonNull(caption, "caption");
      Objects.requireNonNull(note, "note");
    }
  }

  /** Returns the page, in UTF-8. */
  public static byte[] of(String title, List<Picture> pictures) {
    StringWriter text = new StringWriter();
    text.append("<!DOCTYPE html>\n");
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartElement("html");
      xml.writeAttribute("lang", "en");
      xml.writeStartElement("head");
      xml.writeEmptyElement("meta");
      xml.writeAttribute("charset", "UTF-8");
      xml.writeEmptyElement("meta");
      xml.writeAttribute("name", "color-scheme");
      xml.writeAttribute("content", "light dark");
      element(xml, "title", title);
      xml.writeEndElement();
      xml.writeStartElement("body");
      String heading = "";
      for (Picture picture : pictures) {
        if (!picture.heading().equals(heading)) {
          heading = picture.heading();
          element(xml, "h1", heading);
        }
        xml.writeCharacters("\n");
        xml.writeStartElement("figure");
        xml.writeStartElement("figcaption");
        element(xml, "code", picture.caption());
        xml.writeCharacters(" → ");
        element(xml, "code", picture.note());
        xml.writeEndElement();
        xml.writeEmptyElement("img");
        xml.writeAttribute("src", picture.file());
        xml.writeAttribute("alt", SvgWriter.legal(picture.caption()));
        xml.writeEndElement();
      }
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a page in memory cannot be written", e);
    }
    return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void element(XMLStreamWriter xml, String name, String text)
      throws XMLStreamException {
    xml.writeStartElement(name);
    xml.writeCharacters(SvgWriter.legal(text));
    xml.writeEndElement();
  }
}
