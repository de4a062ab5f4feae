import graphql from '@graphql-eslint/eslint-plugin';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const environment = {
  object: 'process',
  property: 'env',
  message: 'Only src/config.ts reads the environment: take an option.',
};

export default tseslint.config(
  globalIgnores(['dist/', 'coverage/', '.tasktracker/', '**/node_modules/', 'dashboard/src/api/schema-types.d.ts']),

  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended, tseslint.configs.stylistic],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Index signatures are read as `record['name']`: the compiler option noPropertyAccessFromIndexSignature's habit.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An abstract class or a namespace of constants reads better in places; tests need empty listeners.
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-properties': ['error', environment],
    },
  },

  { files: ['src/config.ts'], rules: { 'no-restricted-properties': 'off' } },
  // Tests and benchmarks pass environments on to the processes that they start.
  { files: ['test/**', 'bench/**', 'vitest.config.ts'], rules: { 'no-restricted-properties': 'off', 'no-console': 'off' } },

  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.recommended],
    rules: { eqeqeq: 'error', '@typescript-eslint/no-require-imports': 'off' },
  },

  {
    files: ['schema.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: './schema.graphql' } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      '@graphql-eslint/require-description': ['error', { types: true, FieldDefinition: true, DirectiveDefinition: true, rootField: true }],
      // Field names of the original model (`taskId` of `TaskTracker`) are given.
      '@graphql-eslint/no-typename-prefix': 'off',
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  },
);
