import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useState } from 'react';

export interface TextFieldProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  /** As it holds now. */
  readonly value: string;
  /** What keeps a text from being taken; null where nothing does. */
  readonly check?: (text: string) => string | null;
  /** Called when the field is left or Enter is pressed, with a text that was checked and is another one. */
  readonly onCommit: (text: string) => void;
}

/** A field that takes effect when it is left, or on Enter: not at every key, for each effect asks the API. */
export function TextField({ value, check, onCommit, ...props }: TextFieldProps) {
  const [text, setText] = useState(value);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    setText(value);
    setError(null);
  }, [value]);
  const commit = () => {
    const wrong = text.trim() === '' ? null : (check?.(text) ?? null);
    setError(wrong);
    if (wrong === null && text !== value) onCommit(text);
  };
  return (
    <TextInput
      size="xs"
      {...props}
      value={text}
      error={error}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}
