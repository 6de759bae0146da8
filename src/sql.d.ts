/** A `.sql` file imported as its text: esbuild's text loader in the build, a Vite plugin in tests. */
declare module "*.sql" {
  const text: string;
  export default text;
}
