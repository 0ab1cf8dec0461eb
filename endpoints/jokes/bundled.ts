/** Written for this kit; short, clean and understandable by ear. */
export const bundledJokes: readonly [string, ...string[]] = [
  "There are 10 kinds of people. Those who know binary, and those who don't.",
  "Why do programmers confuse Halloween and Christmas? Because Oct 31 is Dec 25.",
  "A programmer's partner says: get a loaf of bread, and if they have eggs, get a dozen. The programmer comes home with twelve loaves of bread.",
  "How many programmers does it take to change a light bulb? None. It's a hardware problem.",
  "Why did the developer go broke? Because they used up all their cache.",
  "I would tell you a joke about UDP, but you might not get it.",
  "A database walks into a bar, goes up to two tables and asks: may I join you?",
  "Debugging is like being the detective in a crime film where you are also the culprit.",
];
