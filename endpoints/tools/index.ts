import { bookAppointment } from "./book.ts";
import { cancelAppointment } from "./cancel.ts";
import { holdAppointment } from "./hold.ts";
import { getProgrammingJoke } from "./joke.ts";
import { lookupAppointments } from "./lookup.ts";
import { rescheduleAppointment } from "./reschedule.ts";
import { searchAppointments } from "./search.ts";
import { listServices } from "./services.ts";
import type { AnswerTool } from "./tool.ts";

/** The tools by the names that the document gives them: a new one is a file and a line here. */
export const tools: ReadonlyMap<string, AnswerTool> = new Map<
  string,
  AnswerTool
>([
  ["search_appointments", searchAppointments],
  ["book_appointment", bookAppointment],
  ["cancel_appointment", cancelAppointment],
  ["reschedule_appointment", rescheduleAppointment],
  ["lookup_appointments", lookupAppointments],
  ["hold_appointment", holdAppointment],
  ["list_services", listServices],
  ["get_programming_joke", getProgrammingJoke],
]);
