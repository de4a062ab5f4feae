export default function QueuePage({ name }: { readonly name: string }) {
  return <h1>{name}</h1>;
}
