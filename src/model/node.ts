import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType('Node', {
  description: 'An object that can be fetched again by its global id through `Query.node`.',
})
export abstract class Node {
  @Field(() => ID, { description: 'Global id: opaque, unique over all types, stable for the life of the object.' })
  readonly id!: string;
}
