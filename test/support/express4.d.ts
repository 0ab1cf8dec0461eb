// express4 is Express 4 under another name; what the tests use of it has Express 5's types.
declare module "express4" {
  import express from "express";
  export default express;
}
