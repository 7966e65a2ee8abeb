/** Loaded into the program: what fails while the terminal UI has the terminal. */
setTimeout(() => {
  throw new Error('it was made to fail')
}, 4_000)
