import { expect, test } from "@jest/globals";
import {
  joinNotes,
  NO_WORDS,
  splitNotes,
  toFinishedNote,
  toHeardNote,
  toKeysNote,
} from "../../relay/notes.ts";

test("the offline model reads back just what the session writes", () => {
  const content = JSON.stringify({
    confirmation_number: "4827193605",
    speech: "Booked [for you].",
  });
  const notes = [
    toHeardNote("Nine is"),
    toFinishedNote("book_appointment", content),
    NO_WORDS,
    toKeysNote("42#"),
  ];
  expect(splitNotes(joinNotes(notes, "Hello?\nIs anybody there?"))).toEqual({
    words: "Hello?\nIs anybody there?",
    keys: "42#",
    finished: [{ tool: "book_appointment", content }],
  });
});

test("words alone stay as they are, and notes alone have no words", () => {
  expect(splitNotes(joinNotes([], "Book it."))).toEqual({
    words: "Book it.",
    keys: "",
    finished: [],
  });
  expect(splitNotes(joinNotes([toKeysNote("7")], ""))).toEqual({
    words: "",
    keys: "7",
    finished: [],
  });
});
